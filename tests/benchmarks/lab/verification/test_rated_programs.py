"""Programs with executed pass rates, and the questions that are made of them."""

from __future__ import annotations

from collections import Counter

from codefrontier.benchmarks.lab.verification.programs import (
    LONGEST,
    RatedProblem,
    fits,
    pair_tasks,
    rate,
    rated_problems,
)
from codefrontier.problems.families import Spec, Split, program_tokens
from codefrontier.problems.verification import VerificationKind

SEED = 3


def rated(name: str) -> RatedProblem:
    found = rate(Spec.parse(name), SEED)
    assert found is not None
    return found


def test_wrong_programs_have_bugs_or_misread_the_statement() -> None:
    problem = rated("inversions-lt-neg-tail-twice")
    assert problem.right.right
    assert not any(each.right for each in problem.wrong)
    kinds = {each.origin.split(":")[1] for each in problem.wrong}
    assert kinds == {"bug", "misread"}
    assert len({each.source for each in problem.wrong} | {problem.right.source}) == 1 + len(problem.wrong)


def test_a_pass_rate_counts_arrays_and_not_files_of_arrays() -> None:
    problem = rated("records-lt-neg-all-id")
    assert problem.right.selected > 6, "there are 6 tests, with up to 3 arrays each"
    assert any(0 < each.pass_rate < 1 for each in problem.wrong)


def test_problems_are_short_and_spread_over_cells() -> None:
    found = rated_problems(Split.VALIDATION, SEED, 12, most=2)
    assert len(found) == 12
    assert max(Counter(each.spec.cell.name for each in found).values()) <= 2
    assert all(len(program_tokens(each.right.source)) <= LONGEST for each in found)


def test_each_wrong_program_of_a_kind_is_asked_about_in_both_orders() -> None:
    problem = rated("records-lt-neg-all-id")
    tasks = pair_tasks([problem], VerificationKind.EASY, most=2)
    easy = [each for each in problem.wrong if fits(each, VerificationKind.EASY)]
    assert len(tasks) == 2 * min(2, len(easy))
    assert [task.right for task in tasks] == [1, 2] * (len(tasks) // 2)
    assert {each.source for task in tasks for each in task.candidates} == {
        problem.right.source,
        *(each.source for each in easy[:2]),
    }
