"""A merge that is killed leaves no wrong checkpoint, and the same merge continues to the same bytes."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from codefrontier.merging import MergeOptions, merge_checkpoints, merge_sweep
from codefrontier.merging.census import Census
from codefrontier.merging.checkpoints.digests import StreamDigest
from codefrontier.merging.resuming import journal as notes
from codefrontier.merging.resuming.journal import journals, read_journal

PROGRAM = """
import os, signal, sys
from pathlib import Path
from codefrontier.merging import MergeOptions, merge_sweep
from codefrontier.merging.resuming import journal

root, moment, force = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "force"
alphas = [float(alpha) for alpha in sys.argv[4:]]
journal.EVERY_BYTES = 3000
seen = 0
EVENTS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "shutil.copyfile"}

def count(event="", arguments=()):
    global seen
    if event and not (event in EVENTS and any(str(root / "out") in str(each) for each in arguments)):
        return
    seen += 1
    if seen == moment:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
options = MergeOptions(chunk=400, force=force)
merge_sweep(root / "low", root / "high", alphas, root / "out", options, lambda done, total: count())
print(seen)
"""
"""Program that merges, and kills itself at a given moment: at a chunk, or at an event on its files."""
MOMENTS = 20


def run(root: Path, moment: int, alphas: Sequence[float], *, force: bool = False) -> tuple[int, int]:
    """Return the status of the program, and the number of moments that it had if it was not killed."""
    words = [
        sys.executable,
        "-c",
        PROGRAM,
        str(root),
        str(moment),
        "force" if force else "",
        *map(str, alphas),
    ]
    ended = subprocess.run(words, check=False, capture_output=True, text=True, timeout=120)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode, int(ended.stdout or 0)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def root(kit: SimpleNamespace, tmp_path: Path) -> Path:
    """Return a folder with two checkpoints in shards; high has its tensors in another order than low."""
    random = np.random.default_rng(0)
    names = [f"layers.{number}.weight" for number in range(9)]
    low = {name: ("F32", random.normal(0, 1, (20, 50))) for name in names}
    high = {name: ("F32", low[name][1] + random.normal(0, 0.1, (20, 50))) for name in reversed(names)}
    kit.make_checkpoint(tmp_path / "low", low, shards=[names[:4], names[4:5], names[5:]])
    kit.make_checkpoint(
        tmp_path / "high", high, shards=[list(reversed(names))[:3], list(reversed(names))[3:]]
    )
    return tmp_path


@pytest.mark.long
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("alphas", [[0.5], [-0.5, 0.5, 1.5]])
def test_a_merge_killed_at_20_moments_continues_to_the_same_bytes(
    alphas: list[float], force: bool, root: Path
) -> None:
    if force:  # there is an earlier merge to replace
        merge_checkpoints(
            root / "low", root / "high", alphas, root / "old", MergeOptions(out_dtype="float16")
        )
        shutil.copytree(root / "old", root / "out")
    before = contents(root / "out")
    status, moments = run(root, 0, alphas, force=force)
    assert status == 0
    wanted = contents(root / "out")
    continued = 0
    for moment in np.linspace(1, moments, MOMENTS).astype(int):
        shutil.rmtree(root / "out")
        if force:
            shutil.copytree(root / "old", root / "out")
        status, _ = run(root, int(moment), alphas, force=force)
        assert status == -signal.SIGKILL
        left = contents(root / "out")
        for name, data in left.items():  # hidden folders load nowhere; those with a name are old or new
            if not name.startswith("."):
                assert data in (before.get(name), wanted[name]), (moment, name)
        continued += any("journal" in name for name in left)
        if not force and {name: data for name, data in left.items() if name != ".lock"} == wanted:
            continue  # it was complete
        status, _ = run(root, 0, alphas, force=force)
        assert status == 0, moment
        assert contents(root / "out") == wanted, moment
    assert continued > MOMENTS / 2, "most of the moments are between points"


@pytest.mark.long
def test_a_merge_that_is_killed_again_and_again_comes_to_its_end(root: Path) -> None:
    merge_checkpoints(root / "low", root / "high", [0.5], root / "wanted", MergeOptions(chunk=400))
    rounds = 0
    while run(root, 25 + 8 * rounds, [0.5])[0]:
        rounds += 1
    assert rounds > 1
    assert contents(root / "out") == contents(root / "wanted")


Stop = Callable[..., None]


@pytest.fixture
def stop_at_the_third_shard(root: Path, monkeypatch: pytest.MonkeyPatch) -> Stop:
    """Return a function that merges in a child process, which is killed in the last shard."""

    def stop() -> None:
        assert run(root, 31, [0.5, 2.0])[0] == -signal.SIGKILL

    monkeypatch.setattr(notes, "EVERY_BYTES", 3000)
    return stop


def _merge(root: Path, out: str) -> list[int]:
    """Merge, and return the number of weights at each report of progress."""
    steps: list[int] = []
    merge_sweep(
        root / "low",
        root / "high",
        [0.5, 2.0],
        root / out,
        MergeOptions(chunk=400),
        lambda done, total: steps.append(done),
    )
    return steps


def test_what_is_written_is_kept(root: Path, stop_at_the_third_shard: Stop) -> None:
    stop_at_the_third_shard()
    (file,) = journals(root / "out", "alpha-0.5")
    left = read_journal(file)
    assert left
    assert left.point
    assert left.point.shard > 0
    first = left.folders[0] / "model-00001-of-00003.safetensors"
    inode = first.stat().st_ino
    steps = _merge(root, "out")
    assert sum(steps) == 9000
    assert min(steps) > 0
    assert 1000 in steps, "the tensors before the point were only read, whole"
    assert (root / "out" / "alpha-0.5" / first.name).stat().st_ino == inode
    _merge(root, "wanted")
    assert contents(root / "out") == contents(root / "wanted")


@pytest.mark.parametrize("harm", ["parent", "output", "longer", "missing", "journal", "settings"])
def test_what_does_not_agree_with_the_journal_is_made_anew(
    harm: str, root: Path, stop_at_the_third_shard: Stop
) -> None:
    stop_at_the_third_shard()
    (file,) = journals(root / "out", "alpha-0.5")
    left = read_journal(file)
    assert left
    harmed = {
        "parent": root / "high" / "model-00002-of-00002.safetensors",
        "output": left.folders[1] / "model-00001-of-00003.safetensors",
        "longer": left.folders[0] / "model-00001-of-00003.safetensors",
        "missing": left.folders[1] / "model-00001-of-00003.safetensors",
        "journal": file,
        "settings": root / "low" / "tokenizer_config.json",
    }[harm]
    if harm == "missing":
        harmed.unlink()
    elif harm == "longer":
        with harmed.open("ab") as opened:
            opened.write(b"more")
    elif harm == "journal":
        lines = file.read_bytes().split(b"\n")
        file.write_bytes(b"\n".join([lines[0].replace(left.identity.encode(), b"0" * 64), *lines[1:]]))
    elif harm == "settings":
        for name in ("low", "high"):
            (root / name / harmed.name).write_text('{"eos_token": "b"}')
    else:
        data = bytearray(harmed.read_bytes())
        data[-9] ^= 1  # the last bit of a weight
        harmed.write_bytes(data)
    steps = _merge(root, "out")
    assert sum(steps) == 9000
    assert harm != "parent" or min(steps) < 0, "the parents were read, and found to be others"
    _merge(root, "wanted")
    assert contents(root / "out") == contents(root / "wanted")


def test_a_torn_line_of_a_journal_is_left_out(root: Path, stop_at_the_third_shard: Stop) -> None:
    stop_at_the_third_shard()
    (file,) = journals(root / "out", "alpha-0.5")
    whole = read_journal(file)
    with file.open("a") as opened:
        opened.write(json.dumps({"point": {"shard": 3}})[:-4])
    assert read_journal(file) == whole
    file.write_text("{")
    assert read_journal(file) is None
    file.write_text(json.dumps({"identity": "x", "folders": ["../elsewhere"]}) + "\n")
    assert read_journal(file) is None


def test_a_census_is_restored_to_the_bit() -> None:
    def fill(census: Census, numbers: range) -> Census:
        for number in numbers:
            random = np.random.default_rng(number)
            delta, shift = random.normal(0, 1e-5, (2, 1000))
            points = [random.integers(0, 3, 1000).astype(np.uint16) for _ in range(3)]
            census.add([delta], [shift], points, delta > 0)
        return census

    def new() -> Census:
        return Census(parents=2, merges=1, pairs=[(0, 2), (1, 2)])

    resumed = new()
    resumed.restore(json.loads(json.dumps(fill(new(), range(3)).state)))
    whole = fill(new(), range(6))
    assert fill(resumed, range(3, 6)).state == whole.state
    empty = Census(parents=3, merges=2, pairs=[])
    empty.restore(json.loads(json.dumps(empty.state)))
    assert empty.state == Census(parents=3, merges=2, pairs=[]).state


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)])
def test_the_state_of_a_digest_tells_what_was_read_in_which_order(
    order: tuple[int, ...], tmp_path: Path
) -> None:
    pieces = (b"first", b"second", b"third")
    path = tmp_path / "file"
    path.write_bytes(b"".join(pieces))
    offsets = (0, 5, 11)
    digest, changed = StreamDigest(path), StreamDigest(path)
    for number in order:
        digest.feed(offsets[number], pieces[number])
        changed.feed(offsets[number], pieces[number].replace(b"third", b"Third"))
    assert digest.state != changed.state, "also where the pieces are not in the order of the file"
    assert digest.finish() == hashlib.sha256(path.read_bytes()).hexdigest()
