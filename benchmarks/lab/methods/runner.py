"""Make the runs of an experiment that are not made yet, one after the other, in this process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ....judge import Judge
from ....system import lock_folder, write_file
from ...errors import BenchError
from .experiment import Experiment, Outcome, RunTask, Scale

SCALE_FILE = "scale.json"
_REMEMBERED_RUNS = 200_000
Results = Mapping[str, Mapping[int, Outcome]]
"""Outcomes by arm and seed."""


def run_experiment(
    experiment: Experiment,
    out: Path,
    *,
    seeds: Sequence[int],
    scale: Scale,
    arms: Sequence[str] = (),
    on_run: Callable[[str, int], None] = lambda arm, seed: None,
) -> Results:
    """Make the missing runs and return all outcomes.

    The outcome of a run is the file `NAME/ARM/seed-N.json` below `out`. A run whose outcome exists is not
    made again; a run that was stopped continues from its last checkpoint. The checkpoints of a run are
    removed once its outcome is written.

    Args:
        experiment: The experiment.
        out: Folder for starts, runs and outcomes; several experiments may share it.
        seeds: Seeds of the runs.
        scale: Sizes of the runs; outcomes of other sizes in the same folder are refused.
        arms: Arms to run; all unless given.
        on_run: Called with arm and seed before each run that is made.

    Raises:
        BenchError: An arm is unknown, or the folder has outcomes of other sizes.
    """
    chosen = tuple(arms) or experiment.arms
    unknown = sorted({*chosen} - {*experiment.arms, *experiment.calibration_arms})
    if unknown:
        raise BenchError(f"unknown arms {unknown} of {experiment.name!r}; arms: {', '.join(experiment.arms)}")
    folder = out / experiment.name
    with (
        lock_folder(folder, f"experiment {experiment.name}"),
        Judge(workers=1, remembered_runs=_REMEMBERED_RUNS) as judge,
    ):
        check_scale(folder / SCALE_FILE, asdict(scale))
        outcomes: dict[str, dict[int, Outcome]] = {arm: {} for arm in chosen}
        for seed in seeds:  # seed by seed, so that a stopped experiment has whole pairs of arms
            for arm in chosen:
                path = folder / arm / f"seed-{seed}.json"
                if not path.exists():
                    on_run(arm, seed)
                    task = RunTask(
                        arm=arm,
                        seed=seed,
                        folder=path.with_suffix(""),
                        starts=out / f"starts-{scale.sft_steps}-{scale.width}",
                        scale=scale,
                        judge=judge,
                    )
                    experiment.run(task).write(path)
                    shutil.rmtree(task.folder, ignore_errors=True)
                outcomes[arm][seed] = Outcome.read(path)
    return outcomes


def read_results(experiment: Experiment, out: Path) -> Results:
    """Read all outcomes of an experiment that exist in a folder."""
    return {
        arm: {
            int(path.stem.removeprefix("seed-")): Outcome.read(path)
            for path in sorted((out / experiment.name / arm).glob("seed-*.json"))
        }
        for arm in experiment.arms
    }


def check_scale(path: Path, sizes: Mapping[str, Any]) -> None:
    """Write the sizes beside the outcomes, or check that the outcomes there have these sizes.

    Raises:
        BenchError: They have other sizes.
    """
    wanted = json.loads(json.dumps(sizes))  # lists, where the sizes have tuples
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_file(path, json.dumps(wanted, indent=2) + "\n")
    elif json.loads(path.read_text()) != wanted:
        raise BenchError(f"{path} says that the outcomes there have other sizes: name another folder")
