from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from codefrontier.system import write_file
from codefrontier.training.errors import TrainingError
from codefrontier.training.watching.curves import WatchedRun, find_runs, smoothed

Make = Callable[..., Path]


def test_lines_that_are_added_are_read_once(
    make_run: Make, add_lines: Callable[..., None], metrics_line: Any
) -> None:
    folder = make_run("low", steps=2)
    [run] = find_runs([folder])
    run.refresh()
    first = run.curves()
    assert (first.generation, first.start, first.steps) == (0, 0, (1, 2))
    assert first.values["verdicts/AC"] == (0.1, 0.2)
    assert first.values["tokens_per_s"] == (0.5, 1.0)
    add_lines(folder, metrics_line(3))
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "loss')  # the run is in the middle of a line
    run.refresh()
    later = run.curves(generation=0, start=2)
    assert (later.start, later.steps) == (2, (3,))
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('": 1.0}\n')
    run.refresh()
    last = run.curves(generation=0, start=3)
    assert (last.steps, last.values) == ((4,), {"loss": (1.0,)})
    assert run.curves().values["entropy"][-1] is None, "this line lacks the metric"


def test_several_threads_read_every_line_once(make_run: Make) -> None:
    [run] = find_runs([make_run("low", steps=300)])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: run.refresh(), range(8)))
    assert run.curves().steps == tuple(range(1, 301))


def test_a_resume_that_drops_lines_begins_a_new_generation(make_run: Make, metrics_line: Any) -> None:
    folder = make_run("low", steps=3)
    [run] = find_runs([folder])
    run.refresh()
    kept = [json.dumps(metrics_line(step)) for step in (1, 2)]
    write_file(folder / "metrics.jsonl", "\n".join(kept) + "\n")  # as the run itself does
    run.refresh()
    seen = run.curves(generation=0, start=3)
    assert (seen.generation, seen.start, seen.steps) == (1, 0, (1, 2))


def test_a_failed_step_is_told_and_is_no_point(make_run: Make, add_lines: Callable[..., None]) -> None:
    folder = make_run("low", steps=1)
    add_lines(folder, {"step": 2, "error": "the loss is nan", "diverged": {"figure": "loss", "value": "nan"}})
    [run] = find_runs([folder])
    run.refresh()
    assert run.curves().steps == (1,)
    assert run.about() == {
        "name": "low",
        "failure": "step 2: the loss is nan",
        "stage": "rl",
        "steps": 10,
        "algorithm": "grpo",
        "coverage": 0.5,
        "lr": None,
        "seed": None,
    }


def test_a_folder_of_runs_stands_for_them_and_equal_names_are_told_apart(make_run: Make) -> None:
    for name in ("a/low", "a/high", "b/low"):
        make_run(name)
    above = make_run("c/x").parents[1]
    assert [run.name for run in find_runs([above / "a"])] == ["high", "low"]
    assert [run.name for run in find_runs([above / "a" / "low", above / "b"])] == ["a/low", "b/low"]
    assert [run.name for run in find_runs([above / "a" / "low"] * 2)] == ["low"]


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"missing is no folder of a run"):
        find_runs([tmp_path / "missing"])
    with pytest.raises(TrainingError, match=r"has no metrics\.jsonl, and no folder in it has one"):
        find_runs([tmp_path])
    (tmp_path / "metrics.jsonl").write_text("[]\n")
    with pytest.raises(TrainingError, match="does not hold the metrics of a step"):
        WatchedRun(tmp_path, name="x").refresh()


def test_the_moving_average_has_no_bias_to_the_first_value() -> None:
    assert smoothed([1.0, 3.0], 0.5) == [1.0, (0.5 * 1 + 3) / 1.5]
    assert smoothed([2.0] * 3, 0.9) == pytest.approx([2.0] * 3)
    assert smoothed([1.0, None, 5.0], 0.0) == [1.0, None, 5.0]
