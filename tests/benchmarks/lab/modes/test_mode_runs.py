from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if find_spec("torch") is None:  # its import takes seconds: not when tests are collected
    pytest.skip("the extra train is not installed", allow_module_level=True)

from codefrontier.benchmarks.lab.plan import MODE_ALPHAS, PRESETS

if TYPE_CHECKING:
    from codefrontier.benchmarks.lab.job import evaluate, rl, sft
    from codefrontier.benchmarks.lab.modes.jobs import ModeRuns
    from codefrontier.benchmarks.lab.modes.protocol import MODES

SIZES = {"sft_steps": 10, "rl_steps": 1, "prompts": 3, "problems": 1, "samples": 2}
SHORT = {"device": "cpu", "max_completion_tokens": 24}
"""Settings without which an untrained model would write on and on."""
PLAN = replace(PRESETS["smoke"], modes=SIZES, width=32, group=2, rl_lr=1e-2)


def test_a_plan_without_modes_has_no_jobs(tmp_path: Path) -> None:
    runs = ModeRuns(replace(PLAN, modes={}), tmp_path, None)
    assert (runs.start, runs.runs(0), runs.evaluation(0), runs.episodes(0)) == ([], [], [], {})
    runs.merge(0)
    with pytest.raises(ValueError, match="modes must have"):
        replace(PLAN, modes={"problems": 1})


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.sandbox
def test_runs_in_three_modes_are_trained_and_played(tmp_path: Path) -> None:
    runs = ModeRuns(PLAN, tmp_path, None)
    (start,) = runs.start
    sft(start.description)
    assert start.done
    low, high = runs.runs(0)
    rl({**low.description, **SHORT})
    assert [job.done for job in (low, high)] == [True, False]
    (evaluation,) = runs.evaluation(0)
    first = evaluation.description["parts"]
    assert [part["mode"] for part in first] == [mode for mode in MODES for _ in MODE_ALPHAS]
    played = []
    for part in (each for each in first if each["checkpoint"].endswith("alpha-0")):
        records = Path(part["out"])
        records.parent.mkdir(parents=True, exist_ok=True)
        evaluate({"parts": [{**part, "checkpoint": low.description["out"]}], "judge": None, **SHORT})
        played.append(records.read_text().count("\n"))
    assert played == [SIZES["problems"] * SIZES["samples"]] * 3
