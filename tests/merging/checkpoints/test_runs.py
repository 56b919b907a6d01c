from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from codefrontier.merging import MergeError, MergeOptions, merge_checkpoints
from codefrontier.merging.checkpoints.runs import checkpoint_of, run_checkpoints
from codefrontier.merging.doctor.examine import examine

STEPS = (2, 10, 9)


@pytest.fixture
def run(kit: SimpleNamespace, tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    for step in STEPS:
        values = np.arange(60.0).reshape(6, 10) + step / 100
        kit.make_checkpoint(folder / f"checkpoint-{step:06}", {"w": ("F32", values)})
    (folder / "checkpoint-000020").mkdir()  # as a killed training leaves it
    return folder


def test_a_run_stands_for_its_last_whole_checkpoint(run: Path) -> None:
    assert [step for step, _ in run_checkpoints(run)] == sorted(STEPS)
    assert checkpoint_of(run) == run / "checkpoint-000010"
    assert checkpoint_of(run / "checkpoint-000002") == run / "checkpoint-000002"
    assert checkpoint_of(run / "missing") == run / "missing"


def test_merge_and_doctor_take_runs(run: Path, tmp_path: Path) -> None:
    low = run / "checkpoint-000002"
    (by_run,) = merge_checkpoints(low, run, [0.5], tmp_path / "one", MergeOptions(force=True))
    (named,) = merge_checkpoints(
        low, run / "checkpoint-000010", [0.5], tmp_path / "two", MergeOptions(force=True)
    )
    assert by_run.digest == named.digest
    examination = examine(by_run.path, [low, run])
    assert examination.parents == (low, run / "checkpoint-000010")
    assert examination.whole.effective_alpha == pytest.approx(0.5, abs=1e-4)


def test_what_is_ambiguous_is_refused_with_the_names(run: Path, tmp_path: Path) -> None:
    with pytest.raises(MergeError, match=r"holds the run: run; name one, for example .*/run$"):
        checkpoint_of(tmp_path)
    shutil.copytree(run, tmp_path / "other")
    with pytest.raises(MergeError, match="holds several runs: other, run; name one"):
        checkpoint_of(tmp_path)
    shutil.copytree(run / "checkpoint-000010", run / "checkpoint-10")
    with pytest.raises(MergeError, match="checkpoint-000010 and checkpoint-10 have the same step"):
        checkpoint_of(run)
