"""Programs of micro problems with executed pass rates, and tasks of two programs for the tiny verifier."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from ....problems.families import Spec, Split, make_problem, shuffled_specs, write_program
from ....problems.families.bugs import bug_sites, buggy
from ....problems.families.execution import measure
from ....problems.families.micro.problem import COST
from ....problems.families.micro.programs import ProgramPlan
from ....problems.verification import Candidate, VerificationKind, VerificationTask

WRONG = 6
"""Largest number of wrong programs of a problem."""
LONGEST = 110
"""Most pieces of a program, so that two programs and a prompt fit in the context of the model."""


@dataclass(frozen=True, kw_only=True)
class RatedProblem:
    """A micro problem with a right program and wrong ones."""

    spec: Spec
    right: Candidate
    wrong: tuple[Candidate, ...] = field(repr=False)


def rated_problems(split: Split, seed: int, count: int) -> list[RatedProblem]:
    """Return the first problems of a split that have a wrong program; all programs are rated by execution."""
    return list(islice(_rated(split, seed), count))


def _rated(split: Split, seed: int) -> Iterator[RatedProblem]:
    for spec in shuffled_specs(split, seed):
        found = rate(spec, seed)
        if found is not None:
            yield found


@lru_cache(maxsize=4096)
def rate(spec: Spec, seed: int) -> RatedProblem | None:
    """Run the fast program of a problem, and versions of it with bugs; None without a wrong one."""
    fast = write_program(spec, ProgramPlan.FAST)
    rng = random.Random(f"lab verification {seed} {spec.id}")
    texts = [site.apply(fast) for site in bug_sites(fast)]
    rng.shuffle(texts)
    texts += [buggy(fast, rng, count=2).text for _ in range(2)]
    tests = [(case.input(), case.answer()) for case in make_problem(spec).tests]
    right = _candidate(fast, tests)
    wrong = [_candidate(text, tests) for text in dict.fromkeys(texts[: WRONG + 2])]
    kept = [each for each in wrong if not each.right][:WRONG]
    return RatedProblem(spec=spec, right=right, wrong=tuple(kept)) if kept and right.right else None


def _candidate(text: str, tests: Sequence[tuple[bytes, bytes]]) -> Candidate:
    passed = 0
    for data, answer in tests:
        found = measure(text, data, cost=COST)
        passed += not found.error and not found.exceeded and found.output.split() == answer.split()
    source = text.partition("\n")[2]  # the comment in the first line names the plan
    return Candidate(source=source, language="python", passed=passed, selected=len(tests))


def pair_tasks(
    problems: Sequence[RatedProblem], kind: VerificationKind | None = None
) -> list[VerificationTask]:
    """Return a task for each wrong program of a kind, all kinds unless given, in both orders."""
    return [
        _task(problem, (problem.right, each) if first else (each, problem.right), f"{number}{'ab'[first]}")
        for problem in problems
        for number, each in enumerate(problem.wrong)
        if fits(each, kind)
        for first in (True, False)
    ]


def fits(each: Candidate, kind: VerificationKind | None) -> bool:
    """Return whether a wrong program has the pass rate that a kind of tasks asks for."""
    if kind is VerificationKind.EASY:
        return each.pass_rate < 0.5
    return kind is not VerificationKind.HARD or 0.7 <= each.pass_rate <= 0.9


def _task(problem: RatedProblem, candidates: Sequence[Candidate], name: str) -> VerificationTask:
    return VerificationTask(
        id=f"{problem.spec.id}--{name}",
        kind=VerificationKind.EASY,
        problem_spec=f"families/{problem.spec.id}",
        title=problem.spec.id,
        statement=problem.spec.prompt,
        candidates=tuple(candidates),
        prompt=problem.spec.prompt,
    )
