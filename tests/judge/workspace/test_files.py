"""Files of a workspace."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from codefrontier.judge import Workspace, WorkspaceFileError

pytestmark = pytest.mark.sandbox

MIB = 1 << 20


def text(workspace: Workspace, command: str, **rest: float) -> str:
    return workspace.run(command, **rest).output.strip()


def test_files_hold_any_bytes(workspace: Workspace) -> None:
    data = bytes(range(256)) * 100
    workspace.write_file("deep/down/file.bin", data)
    assert workspace.read_file("/work/deep/down/file.bin") == data
    assert text(workspace, "stat -c %s deep/down/file.bin") == "25600"
    workspace.write_file("deep/down/file.bin", b"")
    assert workspace.read_file("deep/down/file.bin") == b""
    workspace.write_file("na me\n'é.txt", b"odd")
    assert workspace.read_file("na me\n'é.txt") == b"odd"
    workspace.run("printf made > 'by shell'")
    assert workspace.read_file("by shell") == b"made"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing.txt", "missing.txt: No such file or directory"),
        (".", "Is a directory"),
        ("/dev/zero", "Not a regular file"),
        ("pipe", "Not a regular file"),
        ("secret", "Permission denied"),
        ("big", "more than 8388608"),
        ("loop", "Too many levels of symbolic links"),
        ("x" * 5000, "File name too long"),
        ("nul\0byte", "NUL"),
        ("file/below", "Not a directory"),
        ("/proc/1/environ", "No such file|Permission denied"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(workspace: Workspace, path: str, words: str) -> None:
    workspace.run(
        "mkfifo pipe; echo > secret; chmod 0 secret; truncate -s 9M big; ln -s loop loop; echo > file"
    )
    with pytest.raises(WorkspaceFileError, match=words):
        workspace.read_file(path)
    assert text(workspace, "echo alive") == "alive"


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/usr/new", "/new", "..", "/proc/self/comm", "file/below", ""]
)
def test_what_cannot_be_written_is_refused(workspace: Workspace, path: str) -> None:
    workspace.run("echo > file")
    with pytest.raises(WorkspaceFileError):
        workspace.write_file(path, b"data")


def test_links_lead_nowhere_outside(workspace: Workspace, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("host secret")
    workspace.run(f"ln -s {secret} link; ln -s {tmp_path} folder; ln -s /etc/shadow shadow; ln -s / root")
    for path in ("link", "folder/secret.txt", "shadow", f"root{secret}", f"../..{secret}", str(secret)):
        with pytest.raises(WorkspaceFileError):
            workspace.read_file(path)
    with pytest.raises(WorkspaceFileError):
        workspace.write_file("shadow", b"mine")
    assert secret.read_text() == "host secret"
    assert b"agent" in workspace.read_file("/etc/passwd")


def test_a_full_disk_is_the_agents_trouble_not_ours(workspace: Workspace) -> None:
    result = workspace.run("for i in 1 2 3 4 5; do head -c 60M /dev/zero > fill$i; done")
    assert "No space left on device" in result.output
    with pytest.raises(WorkspaceFileError, match="No space left on device"):
        workspace.write_file("more", b"x" * MIB)
    assert text(workspace, "rm fill*; echo alive") == "alive"
    workspace.write_file("more", b"x" * MIB)
    result = workspace.run(
        "for i in $(seq 100000); do : > n$i || break; done 2>&1 | tail -1", time_limit_s=60
    )
    assert "No space left" in result.output
    assert text(workspace, "find . -delete 2>/dev/null; echo alive") == "alive"


def test_a_pipe_is_not_waited_for(workspace: Workspace) -> None:
    workspace.run("mkfifo pipe; mkfifo read; (cat read; sleep 100) >/dev/null 2>&1 &")
    started = time.monotonic()
    for name in ("pipe", "read"):
        with pytest.raises(WorkspaceFileError):
            workspace.write_file(name, b"x" * MIB)
    assert time.monotonic() - started < 5


def test_files_are_gathered_from_a_folder(workspace: Workspace) -> None:
    workspace.run(
        "mkdir -p t/x.in; cd t; echo 1 > b.in; echo 2 > a.ans; echo 3 > c.txt; ln -s c.txt d.in; rmdir x.in"
    )
    limits = {"max_files": 3, "max_bytes": 6}
    found = workspace.gather("t", (".in", ".ans"), **limits)
    assert found == {"a.ans": b"2\n", "b.in": b"1\n", "d.in": b"3\n"}
    with pytest.raises(WorkspaceFileError, match="3 files, more than 2"):
        workspace.gather("t", (".in", ".ans"), max_files=2, max_bytes=6)
    with pytest.raises(WorkspaceFileError, match="too large"):
        workspace.gather("t", (".in", ".ans"), max_files=3, max_bytes=5)
    workspace.run("mkfifo /work/t/e.in")
    with pytest.raises(WorkspaceFileError, match="Not a regular file"):
        workspace.gather("t", (".in",), max_files=9, max_bytes=99)
