"""Merges are written atomically, and never replace other files."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from codefrontier.merging import MergeError, MergeOptions, SweepRefusedError, merge_checkpoints, merge_sweep

FORCE = MergeOptions(force=True)
Pair = tuple[Path, Path]


def _all(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """Make writes beyond a file size fail, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, OSError])
def test_an_exception_midway_leaves_nothing(
    error: type[BaseException], float_pair: Pair, tmp_path: Path
) -> None:
    before = _all(tmp_path)
    seen = []

    def stop(done: int, total: int) -> None:
        seen.extend(_all(tmp_path / "deep"))
        raise error

    with pytest.raises(error):
        merge_sweep(
            float_pair[0], float_pair[1], [0.5, 2.0], tmp_path / "deep" / "out", MergeOptions(chunk=50), stop
        )
    assert any("partial" in path.name for path in seen), "it was really stopped midway"
    assert _all(tmp_path) == before


def test_a_write_that_fails_leaves_nothing(float_pair: Pair, tmp_path: Path) -> None:
    before = _all(tmp_path)
    with _largest_file(3000), pytest.raises(OSError, match="File too large"):
        merge_checkpoints(float_pair[0], float_pair[1], [0.5, 2.0], tmp_path / "out")
    assert _all(tmp_path) == before


def test_a_folder_that_exists_is_refused_and_kept(float_pair: Pair, tmp_path: Path) -> None:
    merge_checkpoints(float_pair[0], float_pair[1], [0.5], tmp_path / "out")
    before = {path: path.read_bytes() for path in _all(tmp_path / "out") if path.is_file()}
    with pytest.raises(MergeError, match=r"alpha-0\.5: already exists; .* --force"):
        merge_checkpoints(float_pair[0], float_pair[1], [0.25, 0.5], tmp_path / "out")
    assert {path: path.read_bytes() for path in _all(tmp_path / "out") if path.is_file()} == before


def test_other_alphas_join_a_folder(float_pair: Pair, tmp_path: Path) -> None:
    merge_checkpoints(float_pair[0], float_pair[1], [0.5], tmp_path / "out")
    merge_checkpoints(float_pair[0], float_pair[1], [-0.5, 1e-05, 2], tmp_path / "out", FORCE)
    names = [path.name for path in sorted((tmp_path / "out").iterdir())]
    assert names == ["alpha--0.5", "alpha-0.5", "alpha-1e-05", "alpha-2"]


def test_force_replaces_a_merge(float_pair: Pair, tmp_path: Path) -> None:
    (first,) = merge_checkpoints(float_pair[0], float_pair[1], [0.5], tmp_path / "out")
    (first.path / "stale.txt").write_text("old")
    wide = MergeOptions(out_dtype="float16", force=True)
    (second,) = merge_checkpoints(float_pair[0], float_pair[1], [0.5], tmp_path / "out", wide)
    assert json.loads((second.path / "merge.json").read_text())["recipe"]["out_dtype"] == "float16"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["alpha-0.5"]
    assert not (second.path / "stale.txt").exists()


def test_force_replaces_nothing_but_merges(float_pair: Pair, tmp_path: Path) -> None:
    target = tmp_path / "out" / "alpha-0.5"
    target.mkdir(parents=True)
    (target / "thesis.txt").write_text("years of work")
    with pytest.raises(MergeError, match="is not a merge"):
        merge_checkpoints(float_pair[0], float_pair[1], [0.5], tmp_path / "out", FORCE)
    assert (target / "thesis.txt").read_text() == "years of work"


def test_a_failed_replacement_keeps_the_old_merge(float_pair: Pair, tmp_path: Path) -> None:
    merge_checkpoints(float_pair[0], float_pair[1], [0.5, 2.0], tmp_path / "out")
    before = {path: path.read_bytes() for path in _all(tmp_path / "out") if path.is_file()}
    with _largest_file(3000), pytest.raises(OSError, match="File too large"):
        merge_checkpoints(float_pair[0], float_pair[1], [0.5, 2.0], tmp_path / "out", FORCE)
    assert {path: path.read_bytes() for path in _all(tmp_path / "out") if path.is_file()} == before


RENAMES = """
import os, signal, sys
from pathlib import Path
from codefrontier.merging import MergeOptions, merge_checkpoints, output

root, moment, how, exchanging = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4] == "yes"
seen = 0

def count(event, arguments):
    global seen
    events = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree")
    if event not in (events if how == "kill" else events[:1]):
        return
    if not any(str(root / "out") in str(argument) for argument in arguments):
        return
    seen += 1
    if seen == moment and how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif seen == moment:
        raise OSError("injected")

if not exchanging:
    output.exchange = lambda first, second: False  # as a file system without it answers
sys.addaudithook(count)
options = MergeOptions(out_dtype="float16", force=True)
try:
    merge_checkpoints(root / "low", root / "high", [0.5, 2.0], root / "out", options)
except OSError as error:
    sys.exit(3 if str(error) == "injected" else 4)
sys.exit(0 if moment > seen else 5)
"""
"""Program that replaces two merges, and stops at a given event on the files of the output."""


def _content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("merge.json", "README.md")  # they name the parents
    }


@pytest.fixture
def replaceable(float_pair: Pair, tmp_path: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return a folder with two merges, and the contents by file of the old and of the replacing merges."""
    new = MergeOptions(out_dtype="float16")
    merge_checkpoints(*float_pair, [0.5, 2.0], tmp_path / "new", new)
    merge_checkpoints(*float_pair, [0.5, 2.0], tmp_path / "out")
    contents = _content(tmp_path / "out"), _content(tmp_path / "new")
    assert contents[0] != contents[1]
    return contents


def _of(content: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {path: data for path, data in content.items() if path.startswith(f"{name}/")}


def _stop(root: Path, moment: int, how: str, exchanging: str) -> int:
    words = [sys.executable, "-c", RENAMES, str(root), str(moment), how, exchanging]
    return subprocess.run(words, check=False, timeout=120).returncode


@pytest.mark.long
@pytest.mark.parametrize("exchanging", ["yes", "no"])
def test_force_killed_at_any_moment_leaves_the_old_or_the_new_merge(
    exchanging: str, replaceable: tuple[dict[str, bytes], dict[str, bytes]], float_pair: Pair, tmp_path: Path
) -> None:
    old, new = replaceable
    out, kept, moment = tmp_path / "out", tmp_path / "kept", 0
    shutil.copytree(out, kept)
    while True:
        moment += 1
        shutil.rmtree(out)
        shutil.copytree(kept, out)
        status = _stop(tmp_path, moment, "kill", exchanging)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        if exchanging == "yes":
            for name in ("alpha-0.5", "alpha-2"):
                assert _of(_content(out), name) in (_of(old, name), _of(new, name)), moment
        merge_checkpoints(*float_pair, [3.0], out)  # the next run, of something else
        assert sorted(path.name for path in out.iterdir()) == ["alpha-0.5", "alpha-2", "alpha-3"], moment
        for name in ("alpha-0.5", "alpha-2"):
            assert _of(_content(out), name) in (_of(old, name), _of(new, name)), moment
    assert moment > 8, "there were moments to be killed at"
    assert _content(out) == new


@pytest.mark.long
@pytest.mark.parametrize("exchanging", ["yes", "no"])
def test_a_replacement_that_fails_halfway_puts_the_old_merges_back(
    exchanging: str, replaceable: tuple[dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    old, new = replaceable
    moment = 1
    while (status := _stop(tmp_path, moment, "fail", exchanging)) == 3:
        assert _content(tmp_path / "out") == old, moment
        moment += 1
    assert status == 0
    assert moment == (3 if exchanging == "yes" else 7), "each of the renames has failed once"
    assert _content(tmp_path / "out") == new


def test_a_folder_that_appears_meanwhile_is_kept(float_pair: Pair, tmp_path: Path) -> None:
    target = tmp_path / "out" / "alpha-2"

    def intrude(done: int, total: int) -> None:
        target.mkdir(exist_ok=True)

    with pytest.raises(MergeError, match="was created by another process"):
        merge_sweep(float_pair[0], float_pair[1], [0.5, 2.0], tmp_path / "out", MergeOptions(), intrude)
    assert _all(tmp_path / "out") == [target]


@pytest.mark.parametrize("force", [False, True])
def test_inputs_are_never_written_to(force: bool, float_pair: Pair, tmp_path: Path) -> None:
    low, high = float_pair
    (merge,) = merge_checkpoints(low, high, [0.5], tmp_path / "out")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    options = MergeOptions(force=force)
    with pytest.raises(MergeError, match="would overwrite the input"):
        merge_checkpoints(low, merge.path, [2.0, 0.5], tmp_path / "link", options)
    with pytest.raises(MergeError, match="would overwrite the input"):
        merge_checkpoints(low, high, [0.5], low, options)
    nested = tmp_path / "other" / "alpha-0.5" / "low"
    nested.parent.mkdir(parents=True)
    low.rename(nested)
    with pytest.raises(MergeError, match="would overwrite the input"):
        merge_checkpoints(nested, high, [0.5], tmp_path / "other", options)


def test_a_refused_sweep_leaves_nothing(kit: SimpleNamespace, tmp_path: Path) -> None:
    parents = [
        kit.make_checkpoint(tmp_path / name, tensors)
        for name, tensors in zip(("low", "high"), kit.rl_pair("BF16"), strict=True)
    ]
    before = _all(tmp_path)
    with pytest.raises(SweepRefusedError):
        merge_checkpoints(parents[0], parents[1], [1.1], tmp_path / "out")
    assert _all(tmp_path) == before


def _start_endless_merge(kit: SimpleNamespace, root: Path) -> tuple[subprocess.Popen[bytes], Path]:
    """Start to merge huge parents in sparse files, which takes minutes; return when it writes output."""
    count = 1 << 31
    header = json.dumps({"w": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    for name in ("low", "high"):
        kit.make_checkpoint(root / name, {})
        with (root / name / "model.safetensors").open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            file.truncate(8 + len(header) + 4 * count)
    script = (
        "import sys, pathlib\n"
        "from codefrontier.merging.command import MergeCommand\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "command = MergeCommand(low=root / 'low', high=root / 'high', alpha=(0.5,), out=root / 'out')\n"
        "sys.exit(command.run())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(root)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in root.glob("out/.alpha-0.5.partial-*/*")):
        assert time.monotonic() < deadline, "it never began to write"
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"it ended early, with status {process.wait(timeout=0.02)}")
    return process, root / "out"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_midway_leaves_nothing(number: int, kit: SimpleNamespace, tmp_path: Path) -> None:
    process, out = _start_endless_merge(kit, tmp_path)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert not out.exists()


def test_what_a_killed_merge_left_is_no_result_and_the_next_one_removes_it(
    kit: SimpleNamespace, tmp_path: Path
) -> None:
    process, out = _start_endless_merge(kit, tmp_path)
    (left,) = (path for path in out.iterdir() if path.name != ".lock")
    assert left.name.startswith(".alpha-0.5.partial-")
    small = [
        kit.make_checkpoint(tmp_path / f"small-{name}", tensors)
        for name, tensors in zip(("low", "high"), kit.rl_pair("F32", count=400), strict=True)
    ]
    words = rf"out: is in use by codefrontier merge \(pid {process.pid} on "
    with pytest.raises(OSError, match=words):
        merge_checkpoints(small[0], small[1], [0.25], out)
    assert left.exists(), "a merge that runs is left alone"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert sorted(os.listdir(out)) == [left.name, ".lock"]
    merge_checkpoints(small[0], small[1], [0.5], out)
    assert sorted(os.listdir(out)) == ["alpha-0.5"]
