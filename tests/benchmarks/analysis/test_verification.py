"""Metrics of verifiers, on cases worked by hand."""

from __future__ import annotations

from itertools import product

import pytest

from codefrontier.benchmarks.analysis.verification import (
    VerifierAnswer,
    calibration_error,
    verifier_metrics,
)


def answer(
    task: str, *order: int, sample: int = 0, turn: int = 0, right: int = 1, size: int = 2
) -> VerifierAnswer:
    rates = tuple(1.0 if number == right else 0.5 for number in range(1, size + 1))
    return VerifierAnswer(
        task=f"{task}@{turn}" if turn else task,
        base=task,
        turn=turn,
        problem=task[0],
        kind="easy",
        sample=sample,
        order=order,
        pass_rates=rates,
    )


def test_accuracy_majority_and_best_of_n_by_hand() -> None:
    answers = [
        *(answer("a", number, sample=sample) for sample, number in enumerate((1, 1, 2))),
        *(answer("b", number, sample=sample) for sample, number in enumerate((2, 2, 1))),
        answer("c", 2, sample=0),
        answer("c", sample=1),
        answer("c", 1, sample=2),
    ]
    found = verifier_metrics(answers)
    assert (found.tasks, found.problems, found.samples, found.chance) == (3, 3, 3, 0.5)
    assert found.top_1 is not None
    assert found.top_1.estimate == pytest.approx((2 / 3 + 1 / 3 + 1 / 3) / 3)
    assert found.majority is not None
    assert found.majority.estimate == pytest.approx((1 + 0 + 0.5) / 3)
    assert found.best_of_n is not None
    assert found.best_of_n.estimate == 1.0
    assert found.parsed is not None
    assert found.parsed.estimate == pytest.approx((1 + 1 + 2 / 3) / 3)
    assert found.tau_b is None
    assert found.consistency is None


def test_a_verifier_that_names_the_first_place_is_biased_and_inconsistent() -> None:
    answers = [answer(task, 1, turn=turn, right=1 + turn) for task, turn in product(("a", "b", "c"), (0, 1))]
    found = verifier_metrics(answers)
    assert found.by_place == (2.0, 0.0)
    assert found.position_bias == 0.5
    assert found.consistency is not None
    assert found.consistency.estimate == 0.0
    fair = verifier_metrics(
        [answer(task, 1 + turn, turn=turn, right=1 + turn) for task, turn in product("ab", (0, 1))]
    )
    assert fair.position_bias == 0.0
    assert fair.consistency is not None
    assert fair.consistency.estimate == 1.0


def test_rankings_have_a_tau_and_one_problem_has_no_interval() -> None:
    found = verifier_metrics([answer("a", 1, 2, 3, size=3), answer("b", 3, 2, 1, size=3)])
    assert found.tau_b is not None
    assert found.tau_b.estimate == pytest.approx(0.0)
    assert verifier_metrics([answer("a", 1)]).top_1 is None
    with pytest.raises(ValueError, match="no answers"):
        verifier_metrics([])
    with pytest.raises(ValueError, match="programs 1 to 2"):
        answer("a", 3)


def test_the_calibration_error_by_hand() -> None:
    # Two bins: |0.6 - 1| and |0.95 - 0| with one task each.
    assert calibration_error([0.6, 0.95], [1.0, 0.0]) == pytest.approx((0.4 + 0.95) / 2)
    assert calibration_error([1.0, 1.0], [1.0, 1.0]) == 0.0
    with pytest.raises(ValueError, match="equal"):
        calibration_error([], [])
