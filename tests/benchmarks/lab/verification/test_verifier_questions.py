"""The questions of the experiment on verifiers: what is shared, and what must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefrontier.problems.families.micro.splits import held_out_cells

if TYPE_CHECKING:  # torch takes seconds: conftest.py runs these imports before the first test
    from codefrontier.benchmarks.lab.methods.experiment import QUICK
    from codefrontier.benchmarks.lab.verification.questions import (
        measured_problems,
        measured_tasks,
        rewarded,
        taught,
    )


def test_nothing_that_is_measured_was_trained_on() -> None:
    known = {task.title for task in taught(QUICK)}
    asked = {task.title for task in rewarded(QUICK)}
    measured = measured_tasks(QUICK)
    assert not known & asked
    for tasks in measured.values():
        assert tasks
        assert not {task.title for task in tasks} & (known | asked)
    heldout = held_out_cells()
    assert all(task.title.startswith(tuple(heldout)) for task in measured["heldout"])
    assert not any(title.startswith(tuple(heldout)) for title in known | asked)


def test_kinds_differ_by_the_pass_rate_of_the_wrong_program() -> None:
    measured = measured_tasks(QUICK)
    assert all(min(task.pass_rates) < 0.5 for task in measured["easy"])
    assert all(0.7 <= min(task.pass_rates) <= 0.9 for task in measured["hard"])
    assert {task.title for task in measured["easy"]} <= {each.spec.id for each in measured_problems(QUICK)}
