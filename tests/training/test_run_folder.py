"""The folder of a run: locks, damaged files, a full disk, and updates that diverge."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.system import FolderInUseError
from codefrontier.training.errors import TrainingError
from codefrontier.training.settings import RLSettings, SFTSettings

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.training.algorithms.grpo import GRPO
    from codefrontier.training.checkpoint import checkpoints
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.pretraining.sft import train_sft
    from codefrontier.training.trainer import train


@pytest.fixture
def small(tmp_path: Path) -> SFTSettings:
    return SFTSettings(out=tmp_path / "run", steps=4, batch=4, checkpoint_every=1, d=8, layers=1, heads=2)


@pytest.fixture
def train_small(pair_source: Any, pieces: Any) -> Callable[..., Path]:
    def call(settings: SFTSettings, **more: Any) -> Path:
        return train_sft(settings, pairs=pair_source, pieces=pieces, **more)

    return call


def test_a_second_run_into_the_folder_is_refused_and_the_first_goes_on(
    small: SFTSettings, train_small: Callable[..., Path]
) -> None:
    refused = []

    def intrude(metrics: Any) -> None:
        with pytest.raises(FolderInUseError) as error:
            train_small(replace(small, resume=True))
        refused.append(str(error.value))

    train_small(small, on_step=intrude)
    assert len(refused) == 4
    assert f"{small.out}: is in use by codefrontier train sft (pid {os.getpid()} on " in refused[0]
    assert [line["step"] for line in read_lines(small.out / "metrics.jsonl")] == [1, 2, 3, 4]
    assert not (small.out / ".lock").exists()


RUN = """
import sys
from codefrontier.training.settings import SFTSettings
from codefrontier.training.pretraining.sft import train_sft
from pathlib import Path
train_sft(
    SFTSettings(out=Path(sys.argv[1]), steps=int(sys.argv[2]), batch=1, checkpoint_every=1,
                d=8, layers=1, heads=2, resume=True),
    on_step=lambda metrics: print(metrics["step"], flush=True),
)
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_killed_run_is_resumed_at_once(tmp_path: Path) -> None:
    words = [sys.executable, "-c", RUN, str(tmp_path / "run")]
    process = subprocess.Popen([*words, "100000"], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        second = subprocess.run([*words, "100000"], capture_output=True, text=True, check=False)
        assert f"is in use by codefrontier train sft (pid {process.pid} on " in second.stderr
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    third = subprocess.Popen([*words, "100000"], stdout=subprocess.PIPE)
    try:
        assert third.stdout is not None
        assert int(third.stdout.readline()) > 1, "it goes on, and not from the beginning"
    finally:
        third.kill()
        third.communicate()


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


@pytest.mark.parametrize("damage", [_flip, _cut, Path.unlink])
@pytest.mark.parametrize(
    "name", ["model.safetensors", "trainer.pt", "tokenizer.json", "config.json", "digests.json"]
)
def test_a_damaged_checkpoint_is_refused_and_the_one_before_is_offered(
    damage: Callable[[Path], None], name: str, small: SFTSettings, train_small: Callable[..., Path]
) -> None:
    train_small(small)
    before, last = checkpoints(small.out)[-2:]
    damage(last / name)
    going_on = replace(small, resume=True)
    with pytest.raises(TrainingError) as error:
        train_small(going_on)
    assert f"{last / name}: is" in str(error.value)
    assert f"{before} is whole; to continue from it, remove {last} and give --resume again" in str(
        error.value
    )


def test_the_way_back_that_is_offered_works_and_skips_what_is_damaged_too(
    small: SFTSettings, train_small: Callable[..., Path]
) -> None:
    last = train_small(small)
    weights = (last / "model.safetensors").read_bytes()
    first, *others = checkpoints(small.out)
    for folder in others:
        _flip(folder / "model.safetensors")
    with pytest.raises(TrainingError, match=rf"{first} is whole; to continue from it, remove .* and .* and "):
        train_small(replace(small, resume=True))
    for folder in others:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    assert (train_small(replace(small, resume=True)) / "model.safetensors").read_bytes() == weights
    _flip(first / "trainer.pt")
    for folder in others:
        _flip(folder / "trainer.pt")
    with pytest.raises(TrainingError, match="no earlier checkpoint is whole"):
        train_small(replace(small, resume=True))


def test_reinforcement_does_not_begin_with_a_damaged_checkpoint(
    small: SFTSettings, train_small: Callable[..., Path], tmp_path: Path
) -> None:
    last = train_small(small)
    _flip(last / "model.safetensors")
    with pytest.raises(TrainingError, match=r"model\.safetensors: is damaged"):
        train(RLSettings(init=small.out, out=tmp_path / "rl"))
    assert not (tmp_path / "rl").exists()


def test_only_the_last_checkpoints_are_kept(small: SFTSettings, train_small: Callable[..., Path]) -> None:
    most = []

    def look(metrics: Any) -> None:
        most.append(len(checkpoints(small.out)))

    last = train_small(replace(small, keep=2), on_step=look)
    assert [path.name for path in checkpoints(small.out)] == ["checkpoint-000003", "checkpoint-000004"]
    assert last.name == "checkpoint-000004"
    assert most == [1, 2, 2, 2]
    with pytest.raises(ValueError, match="keep must be a whole number of at least 1, got 0"):
        replace(small, keep=0)


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("largest", [100, 3000, 8000, 12_000])
def test_a_file_that_does_not_fit_is_named_and_the_last_checkpoint_stays(
    largest: int, small: SFTSettings, train_small: Callable[..., Path]
) -> None:
    last = train_small(replace(small, steps=4))
    kept = (last / "model.safetensors").read_bytes()
    longer = replace(small, out=small.out)
    for path in checkpoints(small.out)[2:]:
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
    before = checkpoints(small.out)[-1]
    with _largest_file(largest), pytest.raises((TrainingError, OSError)) as error:
        train_small(replace(longer, resume=True))
    assert "File too large" in str(error.value)
    assert str(small.out) in str(error.value)
    assert "bytes are free" in str(error.value)
    assert f"the last good checkpoint is {before}" in str(error.value)
    assert not list(small.out.glob(".*"))
    assert (train_small(replace(longer, resume=True)) / "model.safetensors").read_bytes() == kept


FULL = """
set -e
mount -t tmpfs -o size={size} none {disk}
exec {python} -c '{run}' {disk}/run 400
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", ["1300k", "1700k"])
def test_a_full_disk_is_one_error_that_names_file_and_need(size: str, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    script = FULL.format(size=size, disk=disk, python=sys.executable, run=RUN)
    inside = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script + "\n"]
    probe = subprocess.run(
        [*inside[:4], "mount", "-t", "tmpfs", "none", str(disk)], capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip(f"no file system can be mounted here: {probe.stderr.decode().strip()}")
    ended = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=600)
    *_, last = ended.stderr.strip().splitlines()
    assert ended.returncode == 1
    assert "training.errors.TrainingError" in last
    assert "bytes" in last
    assert "free" in last
    assert f"{disk}/run" in last


def test_a_full_disk_within_reinforcement_is_one_error_and_the_run_is_resumed_to_the_same_bytes(
    settings: Callable[..., RLSettings], judge_that: Any, stream_of: Any, tmp_path: Path
) -> None:
    def run(name: str, on_step: Any = lambda metrics: None, **more: Any) -> Path:
        chosen = settings(out=tmp_path / name, steps=3, checkpoint_every=1, **more)
        return train(chosen, judge=judge_that(), problems=stream_of(), on_step=on_step)

    whole = run("whole")
    with ExitStack() as stack:

        def fill(metrics: Any) -> None:
            if metrics["step"] == 1:
                stack.enter_context(_largest_file(8000))

        with pytest.raises(TrainingError, match=r"File too large.*the last good checkpoint is .*-000001;"):
            run("full", fill)
    assert [path.name for path in checkpoints(tmp_path / "full")] == ["checkpoint-000001"]
    resumed = run("full", resume=True)
    assert (resumed / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    lines = [read_lines(tmp_path / name / "metrics.jsonl") for name in ("whole", "full")]
    assert [line["reward_mean"] for line in lines[0]] == [line["reward_mean"] for line in lines[1]]


def test_a_loss_that_is_not_finite_ends_the_run_and_names_step_figure_and_checkpoint(
    small: SFTSettings, train_small: Callable[..., Path]
) -> None:
    """The learning rate rises over four steps to a value at which weights overflow."""
    wild = replace(small, lr=1e30, warmup=2, steps=6)
    with pytest.raises(
        TrainingError, match=r"step 1: after the update, the .* is -?(nan|inf): lower the lear"
    ):
        train_small(wild)
    assert checkpoints(small.out) == []
    [line] = read_lines(small.out / "metrics.jsonl")
    assert line["step"] == 1
    assert line["diverged"]["value"] in ("nan", "inf", "-inf")
    assert line["diverged"]["figure"].startswith("after the update, ")


def test_a_run_that_diverges_later_keeps_and_resumes_the_last_good_checkpoint(
    start: Path, settings: Callable[..., RLSettings], judge_that: Any, stream_of: Any
) -> None:
    chosen = settings(steps=3, checkpoint_every=1)

    class Wild(GRPO):
        """An algorithm that gives the second batch advantages that are not finite."""

        batches = 0

        def score_batch(self, groups: Any) -> Any:
            groups = super().score_batch(groups)
            self.batches += 1
            if self.batches == 2:
                for group in groups:
                    for row in group.rows:
                        row.advantages.mul_(float("inf"))
            return groups

    with pytest.raises(TrainingError, match=r"step 2: the (loss|gradient's norm) is -?(nan|inf)") as error:
        train(chosen, judge=judge_that(), problems=stream_of(), algorithm=Wild(group_size=4))
    [good] = checkpoints(chosen.out)
    assert f"the last good checkpoint is {good}; --resume continues from it" in str(error.value)
    first, failing = read_lines(chosen.out / "metrics.jsonl")
    assert (first["step"], failing["step"]) == (1, 2)
    assert failing["episodes"] == 16
    assert failing["diverged"]["value"] in ("nan", "inf", "-inf")
    last = train(replace(chosen, resume=True), judge=judge_that(), problems=stream_of())
    assert [line["step"] for line in read_lines(chosen.out / "metrics.jsonl")] == [1, 2, 3]
    assert all("diverged" not in line for line in read_lines(chosen.out / "metrics.jsonl"))
    calm = train(replace(chosen, out=chosen.out / "calm"), judge=judge_that(), problems=stream_of())
    assert (last / "model.safetensors").read_bytes() == (calm / "model.safetensors").read_bytes()
