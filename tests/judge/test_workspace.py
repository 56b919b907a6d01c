"""The workspace of an agent: a persistent shell and files in a sandbox."""

from __future__ import annotations

import os
import re
import select
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codefrontier.judge import SandboxError, Workspace, WorkspaceFileError

pytestmark = pytest.mark.sandbox

MIB = 1 << 20


class SharedWorkspace:
    """A workspace for all tests of this file; a new one when a test has broken it."""

    def __init__(self) -> None:
        self.workspace = Workspace()

    def emptied(self) -> Workspace:
        try:
            return self._empty()
        except SandboxError:
            self.workspace.close()
            self.workspace = Workspace()
            return self._empty()

    def _empty(self) -> Workspace:
        self.workspace.run("kill -9 -1; kill -9 $$", time_limit_s=2)
        self.workspace.run("chmod -R u+rwx /work; find /work /tmp -mindepth 1 -delete")
        return self.workspace


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedWorkspace]:
    shared = SharedWorkspace()
    yield shared
    shared.workspace.close()


@pytest.fixture
def workspace(shared: SharedWorkspace) -> Workspace:
    return shared.emptied()


def text(workspace: Workspace, command: str, **rest: float) -> str:
    return workspace.run(command, **rest).output.strip()


def test_a_command_gives_its_output_and_status(workspace: Workspace) -> None:
    result = workspace.run("echo out; echo err >&2; (exit 3)")
    assert (result.output, result.exit_status) == ("out\nerr\n", 3)
    assert (result.timed_out, result.restarted) == (False, False)
    assert workspace.run("true").exit_status == 0
    assert workspace.run("no-such-command").exit_status == 127
    assert workspace.run("").exit_status == 0
    assert workspace.run("if").exit_status != 0


def test_state_is_kept_between_commands(workspace: Workspace) -> None:
    workspace.run("mkdir -p a/b; cd a/b; value='x  y'; f() { echo called $1; }; export E=1; alias k=l")
    assert text(workspace, 'pwd; echo "$value"; f 5; env | grep ^E=') == "/work/a/b\nx  y\ncalled 5\nE=1"
    assert text(workspace, "set -o pipefail; false | true; echo $?; (exit 7)") == "1"


def test_the_status_of_the_last_command_is_kept(workspace: Workspace) -> None:
    assert workspace.run("(exit 7)").exit_status == 7
    assert text(workspace, "echo $?") == "7"


def test_commands_have_several_lines_quotes_and_unicode(workspace: Workspace) -> None:
    command = """cat <<'END' > f.txt
it's "quoted" $HOME é🙂
END
for i in 1 2
do echo $i
done; cat f.txt"""
    assert text(workspace, command) == '1\n2\nit\'s "quoted" $HOME é🙂'


def test_a_long_command_passes_whole(workspace: Workspace) -> None:
    assert text(workspace, f"echo '{'x' * 200_000}' | wc -c") == "200001"


def test_a_command_reads_an_empty_input(workspace: Workspace) -> None:
    assert text(workspace, "cat; read line; echo status $?") == "status 1"


def test_output_that_is_not_text_is_decoded_with_replacements(workspace: Workspace) -> None:
    assert workspace.run(r"printf '\xff\x00ok'").output == "\ufffd\x00ok"
    assert workspace.run(r"printf '\033[31mred\033[0m'").output == "red"


def test_long_output_is_cut_in_the_middle(workspace: Workspace) -> None:
    output = workspace.run("echo start; seq 1000000; echo end").output
    assert output.startswith("start\n1\n2\n")
    assert output.endswith("1000000\nend\n")
    assert len(output) < 67_000
    found = re.search(r"\[\.\.\. (\d+) bytes left out \.\.\.\]", output)
    assert found is not None
    assert int(found[1]) + len(output.encode()) - len(found[0]) - 2 == 6_888_896 + len("start\nend\n")


def test_a_command_over_its_time_is_interrupted_and_the_shell_lives_on(workspace: Workspace) -> None:
    workspace.run("kept=5")
    result = workspace.run("echo before; sleep 60", time_limit_s=0.3)
    assert (result.output, result.timed_out, result.restarted) == ("before\n", True, False)
    assert result.exit_status is None
    assert text(workspace, "echo $kept") == "5"


def test_a_command_that_ignores_interrupts_is_killed(workspace: Workspace) -> None:
    started = time.monotonic()
    result = workspace.run(
        "python3 -c 'import signal as s\ns.signal(2, s.SIG_IGN)\nwhile 1: pass'", time_limit_s=0.3
    )
    assert result.timed_out
    assert time.monotonic() - started < 10
    assert text(workspace, "echo alive") == "alive"


def test_a_shell_that_does_not_yield_is_restarted(workspace: Workspace) -> None:
    workspace.run("kept=5; cd /tmp")
    result = workspace.run("trap '' INT; while :; do :; done", time_limit_s=0.3)
    assert (result.timed_out, result.restarted) == (True, True)
    assert text(workspace, "echo [$kept] $PWD") == "[] /work"


def test_leaving_the_shell_restarts_it(workspace: Workspace) -> None:
    workspace.run("cd /tmp; kept=1; echo 1 > /work/file")
    result = workspace.run("echo bye; exit 4")
    assert (result.output, result.exit_status, result.restarted) == ("bye\n", 4, True)
    assert text(workspace, "echo [$kept] $PWD; cat file") == "[] /work\n1"
    assert workspace.run("kill -9 $$").restarted
    assert workspace.run("exec true").restarted
    assert text(workspace, "echo alive") == "alive"


def test_background_processes_live_until_the_shell_ends(workspace: Workspace) -> None:
    workspace.run("sleep 1000 & disown; (setsid sleep 1000 &)")
    assert text(workspace, "pgrep -c sleep") == "2"
    result = workspace.run("exit 3", time_limit_s=3)
    assert (result.exit_status, result.timed_out, result.restarted) == (3, False, True)
    assert text(workspace, "pgrep -c sleep") == "0"


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


def test_a_snapshot_brings_the_files_back(workspace: Workspace) -> None:
    workspace.run(
        "mkdir -p d/e; echo 1 > d/f; ln -s f d/link; ln d/f d/hard; chmod 755 d/f; touch -d @5 d/f; mkfifo p"
    )
    workspace.write_file("d/né🙂.bin", bytes(range(256)))
    snapshot = workspace.snapshot()
    workspace.run("rm -r d; echo new > new; mkdir -m 0 closed; cd /tmp; kept=5; sleep 1000 &")
    workspace.restore(snapshot)
    assert text(workspace, "find . | sort") == "\n".join(
        [".", "./d", "./d/e", "./d/f", "./d/hard", "./d/link", "./d/né🙂.bin"]
    )
    assert (
        text(workspace, "cat d/link; stat -c '%a %h %Y' d/f; echo [$kept] $PWD; pgrep -c sleep")
        == "1\n755 2 5\n[] /work\n0"
    )
    assert workspace.read_file("d/né🙂.bin") == bytes(range(256))
    assert workspace.snapshot() == snapshot or len(workspace.snapshot()) == len(snapshot)


def test_restoring_restarts_the_shell_even_when_exit_means_something_else(workspace: Workspace) -> None:
    snapshot = workspace.snapshot()
    workspace.run("exit() { :; }; kept=5; sleep 1000 &")
    workspace.restore(snapshot)
    assert text(workspace, "echo [$kept]; pgrep -c sleep") == "[]\n0"


@pytest.mark.parametrize("data", [b"", b"no tar at all", b"x" * 10_240])
def test_what_is_no_snapshot_is_refused(workspace: Workspace, data: bytes) -> None:
    with pytest.raises(WorkspaceFileError):
        workspace.restore(data)
    assert text(workspace, "echo alive") == "alive"


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


@pytest.mark.parametrize(
    "bomb",
    [
        "f() { f | f & }; f; sleep 60",
        "python3 -c 'import os\nwhile 1:\n try: os.fork()\n except OSError: pass'",
    ],
)
def test_a_fork_bomb_is_bounded_and_can_be_cleared(workspace: Workspace, bomb: str) -> None:
    result = workspace.run(bomb, time_limit_s=0.5)
    assert result.timed_out or result.restarted or result.exit_status
    workspace.run("exit")
    assert text(workspace, "echo alive; ls /proc | grep -c '^[0-9]'").startswith("alive")


def test_there_is_no_network(workspace: Workspace) -> None:
    source = """
import socket
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET):
    try: print(socket.socket(family, socket.SOCK_RAW if family > 10 else socket.SOCK_STREAM))
    except OSError as error: print(type(error).__name__)
"""
    workspace.write_file("net.py", source.encode())
    assert text(workspace, "python3 net.py") == "\n".join(["PermissionError"] * 4)
    assert workspace.run("exec 3<>/dev/tcp/127.0.0.1/80").exit_status != 0


def test_the_agent_is_nobody_and_sees_nothing_of_the_host(workspace: Workspace) -> None:
    marker = f"/tmp/cf-workspace-{os.getpid()}"
    Path(marker).touch()
    try:
        assert text(workspace, "ls -A /tmp /work; whoami") == "/tmp:\n\n/work:\nagent"
        assert text(workspace, f"test -e {marker} || echo unseen") == "unseen"
    finally:
        os.unlink(marker)
    assert text(workspace, "cat /proc/1/environ /proc/1/cmdline 2>&1 | grep -vi -e denied -e 'no such'") == ""
    assert (
        text(
            workspace,
            "(kill -9 1; mount -t tmpfs none /work; unshare -U true) 2>/dev/null; echo $?",
        )
        == "1"
    )
    assert int(text(workspace, "ls -d /proc/[0-9]* | wc -l")) <= 4


def test_python_and_a_compiler_are_there(workspace: Workspace) -> None:
    assert text(workspace, "echo 'print(6 * 7)' > a.py; python3 a.py") == "42"
    source = '#include <cstdio>\nint main() { puts("hello"); }'
    workspace.write_file("a.cpp", source.encode())
    assert text(workspace, "g++ -O2 -o a a.cpp && ./a") == "hello"


@pytest.mark.parametrize(
    "forged", ["junk", "", "99999999999999999999", "9" * 5000, "1 2 3", "-1", "\\xff\\xfe", "0x10"]
)
def test_words_on_the_shells_own_descriptors_do_not_break_the_sandbox(
    workspace: Workspace, forged: str
) -> None:
    workspace.run(f"printf '{forged}\\n' >&202; echo here")
    workspace.run("echo there")
    workspace.run("exit")
    assert text(workspace, "echo alive") == "alive"


@pytest.mark.parametrize(
    "mischief",
    [
        "exec 201<&-",
        "exec 202>&-",
        "exec 201<&- 202>&- 1>&- 2>&-",
        "cat <&201 &",
        "kill -STOP $$",
        "(sleep 0.1; kill -STOP $$) & echo started",
        "ulimit -n 3",
        "ulimit -f 0; ulimit -v 1000",
        "trap 'echo trapped' EXIT DEBUG RETURN",
        "printf() { :; }; read() { :; }; eval() { :; }",
        "IFS=0123456789",
        "set -e; set -u; set -n; set -v; false",
        "PATH=; unset HOME",
        "enable -n printf read eval",
        "command_to_evaluate=x; readonly command_to_evaluate",
        "POSIXLY_CORRECT=1; return 5; break; continue",
        "mkdir gone; cd gone; rmdir ../gone",
        "yes > /dev/stderr &",
        "kill -9 -1",
    ],
)
def test_mischief_with_the_shell_harms_the_shell_only(workspace: Workspace, mischief: str) -> None:
    workspace.run(mischief, time_limit_s=0.5)
    workspace.run("echo between", time_limit_s=0.5)
    workspace.write_file("file", b"data")
    assert workspace.read_file("file") == b"data"
    for _ in range(2):
        workspace.run("builtin exit", time_limit_s=0.5)
    workspace.run("command_to_evaluate=; kill -9 $$", time_limit_s=0.5)
    assert text(workspace, "echo alive; cat /work/file") == "alive\ndata"


def test_closing_ends_every_process(descendants: Callable[[], set[int]]) -> None:
    before = descendants()
    workspace = Workspace()
    workspace.run("sleep 1000 & setsid sleep 1000 & echo started")
    handles = [os.pidfd_open(pid) for pid in descendants() - before]
    assert len(handles) >= 5, "the sandbox's two, the shell, and what it started"
    workspace.close()
    workspace.close()
    try:
        assert_all_end(handles)
    finally:
        for handle in handles:
            os.close(handle)


def assert_all_end(handles: list[int]) -> None:
    """Wait until the processes behind the pidfds have ended."""
    for handle in handles:
        assert select.select([handle], [], [], 10)[0], "a process outlived its sandbox"


def test_a_closed_workspace_says_so() -> None:
    workspace = Workspace()
    workspace.close()
    with pytest.raises(SandboxError):
        workspace.run("true")
    with pytest.raises(SandboxError):
        workspace.read_file("x")
