"""Event files as TensorBoard itself reads them: whole, without repeated steps, and after failures."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codefrontier.training.settings import RLSettings, SFTSettings
from codefrontier.training.tracking.catalogue import METRICS
from codefrontier.training.tracking.metric import numbers

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from codefrontier.training.checkpoint import checkpoints
    from codefrontier.training.metrics import read_lines
    from codefrontier.training.pretraining.sft import train_sft
    from codefrontier.training.tracking.event_files import EventFiles
    from codefrontier.training.tracking.tracker import TrackedRun
    from codefrontier.training.trainer import train


@pytest.fixture
def small(tmp_path: Path) -> SFTSettings:
    return SFTSettings(
        out=tmp_path / "run",
        steps=5,
        batch=4,
        checkpoint_every=2,
        d=8,
        layers=1,
        heads=2,
        track=("tensorboard",),
    )


@pytest.fixture
def train_small(pair_source: Any, pieces: Any) -> Callable[..., Path]:
    def call(settings: SFTSettings, **more: Any) -> Path:
        return train_sft(settings, pairs=pair_source, pieces=pieces, **more)

    return call


def curves(out: Path) -> dict[str, list[tuple[int, float]]]:
    """Return what TensorBoard shows of a run: steps and values by name."""
    read = EventAccumulator(str(out / "tensorboard"), size_guidance={"scalars": 0, "tensors": 0}).Reload()
    return {
        name: [(event.step, event.tensor_proto.float_val[0]) for event in read.Tensors(name)]
        for name in read.Tags()["tensors"]
    } or {
        name: [(event.step, event.value) for event in read.Scalars(name)] for name in read.Tags()["scalars"]
    }


def expected(out: Path) -> dict[str, list[tuple[int, Any]]]:
    found: dict[str, list[tuple[int, Any]]] = {}
    for line in read_lines(out / "metrics.jsonl"):
        for name, value in numbers(line).items():
            found.setdefault(name, []).append((line["step"], pytest.approx(value, rel=1e-6)))
    return found


class StoppedError(Exception):
    """What ends a run in the middle, as Ctrl-C does."""


def stop_at(step: int) -> Callable[[Any], None]:
    def stop(metrics: Any) -> None:
        if metrics["step"] == step:
            raise StoppedError

    return stop


def test_tensorboard_reads_the_metrics_of_a_run_with_descriptions(
    settings: Callable[..., RLSettings], judge_that: Any, stream_of: Any
) -> None:
    chosen = settings(steps=2, track=("tensorboard",))
    train(chosen, judge=judge_that(), problems=stream_of())
    assert curves(chosen.out) == expected(chosen.out)
    read = EventAccumulator(str(chosen.out / "tensorboard")).Reload()
    told = read.SummaryMetadata("verdicts/AC").summary_description
    assert told == f"{METRICS['verdicts/AC'].meaning} Unit: share."


def test_a_resumed_run_has_every_step_once(small: SFTSettings, train_small: Callable[..., Path]) -> None:
    with pytest.raises(StoppedError):
        train_small(small, on_step=stop_at(3))
    assert [step for step, _ in curves(small.out)["loss"]] == [1, 2, 3]
    train_small(replace(small, resume=True))
    assert [step for step, _ in curves(small.out)["loss"]] == [1, 2, 3, 4, 5]
    assert curves(small.out) == expected(small.out)
    assert len(list((small.out / "tensorboard").iterdir())) == 1, "steps are not left in a second file"


def test_a_resume_gives_a_tracker_the_steps_that_it_lacks(
    small: SFTSettings, train_small: Callable[..., Path]
) -> None:
    with pytest.raises(StoppedError):
        train_small(replace(small, track=()), on_step=stop_at(3))
    assert not (small.out / "tensorboard").exists()
    train_small(replace(small, resume=True))
    assert [step for step, _ in curves(small.out)["loss"]] == [1, 2, 3, 4, 5]


def test_a_torn_record_at_the_end_is_dropped(small: SFTSettings, train_small: Callable[..., Path]) -> None:
    train_small(small)
    [file] = (small.out / "tensorboard").iterdir()
    file.write_bytes(file.read_bytes()[:-7])
    run = TrackedRun(out=small.out, project="p", step=5, settings={})
    assert EventFiles(run).recorded == 4
    assert [step for step, _ in curves(small.out)["loss"]] == [1, 2, 3, 4]
    train_small(replace(small, resume=True))
    assert curves(small.out) == expected(small.out)


def test_weights_are_the_same_with_and_without_a_tracker(
    small: SFTSettings, train_small: Callable[..., Path], weights_of: Callable[[Path], bytes]
) -> None:
    with_tracker = train_small(small)
    without = train_small(replace(small, out=small.out / "plain", track=()))
    assert weights_of(with_tracker) == weights_of(without)
    with pytest.raises(StoppedError):
        train_small(replace(small, out=small.out / "cut"), on_step=stop_at(3))
    resumed = train_small(replace(small, out=small.out / "cut", resume=True))
    assert weights_of(resumed) == weights_of(without)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_event_file_that_does_not_fit_turns_the_tracker_off_and_the_run_goes_on(
    small: SFTSettings, train_small: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    longer = replace(small, steps=8, checkpoint_every=8)

    def fill(metrics: Any) -> None:
        if metrics["step"] == 3:
            [file] = (small.out / "tensorboard").iterdir()
            file.rename(file.with_name("kept"))
            file.symlink_to("/dev/full")  # every write is ENOSPC, and only there

    last = train_small(longer, on_step=fill)
    [warning] = [record for record in caplog.records if record.levelname == "WARNING"]
    told = warning.getMessage()
    assert "the tracker tensorboard is turned off at step 4: " in told
    assert "No space left on device" in told
    assert "bytes are needed" in told
    assert [line["step"] for line in read_lines(small.out / "metrics.jsonl")] == list(range(1, 9))
    assert checkpoints(small.out) == [last]
    [link, kept] = sorted((small.out / "tensorboard").iterdir())
    kept.rename(link)
    train_small(replace(longer, steps=8, resume=True))
    assert [step for step, _ in curves(small.out)["loss"]] == list(range(1, 9))


def test_a_resume_on_a_full_disk_is_one_error_and_the_old_curves_stay(
    small: SFTSettings, train_small: Callable[..., Path]
) -> None:
    train_small(small)
    run = TrackedRun(out=small.out, project="p", step=5, settings={})
    before = curves(small.out)
    with largest_file(100), pytest.raises(OSError, match=r"File too large: .* bytes are needed"):
        EventFiles(run)
    assert curves(small.out) == before
    assert not list((small.out / "tensorboard").glob(".*"))
