"""The results of an experiment as one small file, as the repository keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ....system import write_file
from ...errors import BenchError
from .experiment import Experiment, Outcome, Scale, rounded
from .runner import Results

_KEPT = Path(__file__).with_name("results")
RESULTS = {"first": _KEPT, "second": _KEPT / "second"}
"""Folders of the results that the documentation shows, by runs."""
_DIGITS = 4


def write_results(experiment: Experiment, results: Results, scale: Scale, path: Path) -> None:
    """Write outcomes by arm and seed; values of problems are lists in the order of the names of problems."""
    names = sorted({name for runs in results.values() for run in runs.values() for name in _problems_of(run)})
    runs = {
        arm: {str(seed): _packed(run, names) for seed, run in sorted(found.items())}
        for arm, found in results.items()
        if found
    }
    document = {"experiment": experiment.name, "scale": asdict(scale), "problems": names, "runs": runs}
    write_file(path, json.dumps(document, allow_nan=False, separators=(",", ":")) + "\n")


def read_collected(path: Path) -> Results:
    """Read outcomes that `write_results` wrote.

    Raises:
        BenchError: The file does not hold the results of an experiment.
    """
    try:
        document = json.loads(path.read_text())
        names = document["problems"]
        return {
            arm: {int(seed): _unpacked(run, names) for seed, run in runs.items()}
            for arm, runs in document["runs"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BenchError(f"{path} does not hold the results of an experiment: {error!r}") from error


def _problems_of(run: Outcome) -> set[str]:
    return {name for values in run.problems.values() for name in values}


def _packed(run: Outcome, names: list[str]) -> dict[str, Any]:
    return {
        "metrics": rounded(dict(run.metrics)),
        "problems": {
            metric: rounded([values.get(name) for name in names], _DIGITS)
            for metric, values in run.problems.items()
        },
        "curves": rounded({name: list(values) for name, values in run.curves.items()}, _DIGITS),
    }


def _unpacked(run: Mapping[str, Any], names: list[str]) -> Outcome:
    problems = {
        metric: {name: value for name, value in zip(names, values, strict=True) if value is not None}
        for metric, values in run["problems"].items()
    }
    return Outcome(metrics=run["metrics"], problems=problems, curves=run["curves"])
