"""Checks of a problem's data: the inputs are valid, and the checker tells right answers from wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...problems import BY_PROGRAM, Comparison, Problem, TestCase, Validator
from ..errors import CheckerError
from .mutants import GARBAGE, mutants, value_mutants
from .programs import ProblemPrograms
from .report import Status

Complaint = tuple[Status, str]
CheckRun = Callable[[], Iterator[Complaint]]
_MUTATED_TESTS = 5
"""Number of tests whose answers are mutated when a program compares; spread over the input sizes."""
_COMPLAINTS = 3
"""Number of findings of one kind that are listed one by one."""


def check_inputs(problem: Problem, programs: ProblemPrograms) -> Iterator[Complaint]:
    """Check that every input, samples included, is valid, and that the validators reject garbage."""
    if not problem.input_validators:
        yield Status.MISSING, "there is no input validator"
    for validator in problem.input_validators:
        try:
            yield from _inputs(problem, validator, programs)
        except CheckerError as error:
            yield Status.MISSING, str(error)


def _inputs(problem: Problem, validator: Validator, programs: ProblemPrograms) -> Iterator[Complaint]:
    if not programs.complaint(validator, GARBAGE):
        yield Status.FAILED, f"the input validator {min(validator.files)!r} takes garbage for an input"
    # The sample of an interactive problem is a conversation, not an input.
    cases = [*problem.tests, *(() if problem.interactive else problem.samples)]
    wrong = 0
    for case in cases:
        complaint = programs.complaint(validator, case.input())
        if complaint:
            wrong += 1
            if wrong <= _COMPLAINTS:
                yield Status.FAILED, f"{case.name}: {complaint}"
    if wrong > _COMPLAINTS:
        yield Status.FAILED, f"{wrong} of {len(cases)} inputs are not valid"


def check_answers(problem: Problem, programs: ProblemPrograms) -> Iterator[Complaint]:
    """Check that the checker accepts every answer and rejects mutated ones.

    If only one answer is right, every mutant is to be rejected. If a program compares, some mutants may be
    right as well: then each kind of mutant is to be rejected on some test, and some mutant on each test.
    """
    if problem.interactive or problem.passes > 1:
        return
    for case in [*problem.tests, *problem.samples]:
        comparison = programs.compare(problem, case, case.answer())
        if not comparison.equal:
            yield Status.FAILED, f"the answer of {case.name} is refused: {comparison.message}"
    if problem.checker.comparison in BY_PROGRAM:
        yield from _several_answers(problem, programs)
        return
    for case in problem.tests:
        yield from _one_answer(problem, case, programs)


def _one_answer(problem: Problem, case: TestCase, programs: ProblemPrograms) -> Iterator[Complaint]:
    functional = problem.checker.comparison in (Comparison.JSON, Comparison.LITERAL)
    for name, output in value_mutants() if functional else mutants(case.answer()):
        if programs.compare(problem, case, output).equal:
            yield Status.FAILED, f"the answer of {case.name} with {name} is accepted"


def _several_answers(problem: Problem, programs: ProblemPrograms) -> Iterator[Complaint]:
    refused: dict[str, bool] = {}
    for case in spread(sorted(problem.tests, key=lambda case: case.input_size), _MUTATED_TESTS):
        here = {
            name: not programs.compare(problem, case, output).equal for name, output in mutants(case.answer())
        }
        if not any(here.values()):
            yield Status.FAILED, f"the checker takes everything for an answer of {case.name}"
        refused = {name: refused.get(name, False) or here.get(name, False) for name in {**refused, **here}}
    for name, ever in refused.items():
        if not ever:
            yield Status.FAILED, f"the checker accepts every answer with {name}"


def spread(cases: list[TestCase], count: int) -> list[TestCase]:
    """Return up to `count` of the cases, evenly spread, with the first and the last."""
    if len(cases) <= count:
        return cases
    return [cases[round(place * (len(cases) - 1) / (count - 1))] for place in range(count)]
