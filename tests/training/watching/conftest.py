"""Folders of runs with made-up metrics."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codefrontier.training.tracking.catalogue import METRICS
from codefrontier.training.tracking.metric import Stage, Unit

Make = Callable[..., Path]


def line_of(step: int, stage: Stage = Stage.RL, **changes: Any) -> dict[str, Any]:
    """Make a line of metrics.jsonl with every metric of a stage."""
    line: dict[str, Any] = {"step": step}
    for name, metric in METRICS.items():
        if stage not in metric.stages or not metric.is_number:
            continue
        parent, _, last = name.rpartition("/")
        value = step / 10 if metric.unit is Unit.SHARE else float(step)
        (line.setdefault(parent, {}) if parent else line)[last] = value
    if stage is Stage.RL:
        line["verdicts"] = {
            name: {"AC": step / 10, "WA": 1 - step / 10}.get(name, 0.0) for name in line["verdicts"]
        }
        line["time_s"] = {"sample": 1.0, "judge": 0.5, "update": 0.25, "other": 0.25, "total": 2.0}
    return {**line, **changes}


def write_lines(folder: Path, *lines: dict[str, Any]) -> None:
    with (folder / "metrics.jsonl").open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


@pytest.fixture
def make_run(tmp_path: Path) -> Make:
    """Make the folder of a run with some steps taken."""

    def make(name: str, *, steps: int = 3, stage: Stage = Stage.RL, **changes: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        settings = {"stage": stage, "steps": 10, "algorithm": "grpo", "coverage": 0.5}
        (folder / "run.json").write_text(json.dumps({"starts": [{"settings": settings}]}))
        write_lines(folder, *(line_of(step, stage, **changes) for step in range(1, steps + 1)))
        return folder

    return make


@pytest.fixture
def add_lines() -> Callable[..., None]:
    return write_lines


@pytest.fixture
def metrics_line() -> Callable[..., dict[str, Any]]:
    return line_of
