import json
from pathlib import Path

import pytest

from codefrontier.benchmarks.errors import BenchError
from codefrontier.benchmarks.lab.methods.experiment import (
    Comparison,
    Experiment,
    Outcome,
    RunTask,
    Scale,
    Statement,
)
from codefrontier.benchmarks.lab.methods.runner import read_results, run_experiment

SCALE = Scale(steps=1)


class Runs:
    """Runs that write a file to their folder, and fail while `fails` is set."""

    def __init__(self) -> None:
        self.made: list[tuple[str, int]] = []
        self.fails = False

    def __call__(self, task: RunTask) -> Outcome:
        task.folder.mkdir(parents=True, exist_ok=True)
        (task.folder / "checkpoint").write_text("weights")
        if self.fails:
            raise BenchError("stopped")
        self.made.append((task.arm, task.seed))
        return Outcome(metrics={"rate": task.seed / 3})


@pytest.fixture
def runs() -> Runs:
    return Runs()


@pytest.fixture
def experiment(runs: Runs) -> Experiment:
    comparison = Comparison(metric="rate", arm="new", control="old", expected="above")
    statement = Statement(
        method="m", claim="c", metric="m", control="c", expectation="e", comparisons=(comparison,)
    )
    return Experiment(name="example", statement=statement, arms=("old", "new"), run=runs)


def test_runs_with_an_outcome_are_not_made_again(experiment: Experiment, runs: Runs, tmp_path: Path) -> None:
    run_experiment(experiment, tmp_path, seeds=(0,), scale=SCALE)
    results = run_experiment(experiment, tmp_path, seeds=(0, 1), scale=SCALE)
    assert runs.made == [("old", 0), ("new", 0), ("old", 1), ("new", 1)]
    assert results["new"][1].metrics == {"rate": 0.333333}
    assert read_results(experiment, tmp_path) == results
    assert not (tmp_path / "example" / "new" / "seed-1").exists(), "checkpoints of a done run are removed"


def test_a_stopped_run_keeps_its_folder_and_has_no_outcome(
    experiment: Experiment, runs: Runs, tmp_path: Path
) -> None:
    runs.fails = True
    with pytest.raises(BenchError, match="stopped"):
        run_experiment(experiment, tmp_path, seeds=(0,), scale=SCALE)
    assert (tmp_path / "example" / "old" / "seed-0" / "checkpoint").exists()
    assert read_results(experiment, tmp_path) == {"old": {}, "new": {}}


def test_outcomes_of_other_sizes_are_not_mixed(experiment: Experiment, tmp_path: Path) -> None:
    run_experiment(experiment, tmp_path, seeds=(0,), scale=SCALE)
    with pytest.raises(BenchError, match="other sizes"):
        run_experiment(experiment, tmp_path, seeds=(0,), scale=Scale(steps=2))


def test_an_unknown_arm_is_refused(experiment: Experiment, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"unknown arms \['newer'\] of 'example'; arms: old, new"):
        run_experiment(experiment, tmp_path, seeds=(0,), scale=SCALE, arms=("newer",))


def test_a_damaged_outcome_is_named(experiment: Experiment, tmp_path: Path) -> None:
    run_experiment(experiment, tmp_path, seeds=(0,), scale=SCALE)
    path = tmp_path / "example" / "new" / "seed-0.json"
    path.write_text(json.dumps({"metrics": {}}))
    with pytest.raises(BenchError, match=r"seed-0\.json does not hold the outcome of a run"):
        read_results(experiment, tmp_path)
