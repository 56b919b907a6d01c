"""Programs of micro problems with executed pass rates, and tasks of two programs for the tiny verifier."""

from __future__ import annotations

import operator
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

from ....problems.families import Spec, Split, make_problem, program_tokens, shuffled_specs, write_program
from ....problems.families.bugs import bug_sites, buggy
from ....problems.families.execution import measure
from ....problems.families.micro.problem import COST
from ....problems.families.micro.programs import ProgramPlan
from ....problems.families.micro.spec import CELLS
from ....problems.families.micro.transforms import MAPS, OUTPUTS, SLICES
from ....problems.verification import Candidate, VerificationKind, VerificationTask

_Tests = Sequence[tuple[bytes, bytes]]
"""Inputs and answers of the hidden tests."""

BUGS = 6
"""Largest number of wrong programs with bugs of a problem."""
MISREADINGS = 6
"""Largest number of wrong programs of a problem that solve a neighbouring problem."""
LONGEST = 72
"""Most pieces of a right program, so that questions stay short and a tiny model learns at all."""


@dataclass(frozen=True, kw_only=True)
class RatedProblem:
    """A micro problem with a right program and wrong ones."""

    spec: Spec
    right: Candidate
    wrong: tuple[Candidate, ...] = field(repr=False)
    """Wrong programs in random order."""


def rated_problems(split: Split, seed: int, count: int, *, most: int) -> list[RatedProblem]:
    """Return the first problems of a split that have a short right program and a wrong one.

    Args:
        split: Split of the problems.
        seed: Seed of the order of the problems and of the choice of wrong programs.
        count: Number of problems; fewer if the split has no more.
        most: Largest number of problems of one cell, so that short families do not crowd out the others.
    """
    return list(islice(_rated(split, seed, most), count))


def _rated(split: Split, seed: int, most: int) -> Iterator[RatedProblem]:
    taken: Counter[str] = Counter()
    for spec in shuffled_specs(split, seed):
        if taken[spec.cell.name] == most or len(program_tokens(_shown(_fast(spec)))) > LONGEST:
            continue
        found = rate(spec, seed)
        if found is not None:
            taken[spec.cell.name] += 1
            yield found


@lru_cache(maxsize=4096)
def rate(spec: Spec, seed: int) -> RatedProblem | None:
    """Run the fast program of a problem and wrong versions of it; None without a wrong one.

    Wrong versions have one or two bugs, or misread the statement: they are right for a problem with another
    map, slice, output or operator. A pass rate is the share of the arrays of the hidden tests that a program
    answers right, which is finer than the share of tests: a test has up to three arrays.
    """
    fast = _fast(spec)
    rng = random.Random(f"lab verification {seed} {spec.id}")
    tests = [(case.input(), case.answer()) for case in make_problem(spec).tests]
    right = _candidate(fast, tests, "fast")
    if not right.right:
        return None
    wrong = [*_first_wrong(_with_bugs(fast, rng), tests, BUGS)]
    wrong += _first_wrong(_misread(spec, rng), tests, MISREADINGS)
    rng.shuffle(wrong)
    return RatedProblem(spec=spec, right=right, wrong=tuple(wrong)) if wrong else None


def _first_wrong(texts: Iterable[tuple[str, str]], tests: _Tests, count: int) -> Iterator[Candidate]:
    """Yield the first programs that are wrong, with their pass rates."""
    rated = (_candidate(text, tests, origin) for text, origin in texts)
    return islice((each for each in rated if not each.right), count)


def _with_bugs(fast: str, rng: random.Random) -> list[tuple[str, str]]:
    """Return versions of a program with one bug, or with two, in random order, with their kinds."""
    texts = {site.apply(fast): f"bug:{site.bug}" for site in bug_sites(fast)}
    for _ in range(2):
        double = buggy(fast, rng, count=2)
        texts[double.text] = f"bug:{'+'.join(double.bugs)}"
    return rng.sample(list(texts.items()), len(texts))


def _misread(spec: Spec, rng: random.Random) -> list[tuple[str, str]]:
    """Return the programs of neighbouring problems in random order, with what is misread."""
    parts = spec.combination
    others: list[tuple[Spec, str]] = []
    for each in rng.sample(MAPS, len(MAPS))[:3]:
        others.append((replace(spec, combination=replace(parts, map=each)), "map"))
    for part in rng.sample(SLICES, len(SLICES))[:3]:
        others.append((replace(spec, combination=replace(parts, slice=part)), "slice"))
    for output in rng.sample(OUTPUTS, len(OUTPUTS))[:3]:
        others.append((replace(spec, combination=replace(parts, output=output)), "output"))
    cells = [each for each in CELLS if each.family is spec.cell.family and each is not spec.cell]
    others += [(replace(spec, cell=each), "operator") for each in rng.sample(cells, len(cells))[:2]]
    texts = {_fast(other): f"misread:{what}" for other, what in others if other != spec}
    return rng.sample(list(texts.items()), len(texts))


def _fast(spec: Spec) -> str:
    return write_program(spec, ProgramPlan.FAST)


def _shown(text: str) -> str:
    return text.partition("\n")[2]  # the comment in the first line names the plan


def _candidate(text: str, tests: _Tests, origin: str) -> Candidate:
    passed = arrays = 0
    for data, answer in tests:
        expected = answer.split()
        found = measure(text, data, cost=COST)  # no output of a program that fails or costs too much
        passed += sum(map(operator.eq, found.output.split(), expected))
        arrays += len(expected)
    return Candidate(
        source=_shown(text), language="python", passed=passed, selected=arrays, origin=f"families:{origin}"
    )


def pair_tasks(
    problems: Sequence[RatedProblem], kind: VerificationKind | None = None, *, most: int = BUGS + MISREADINGS
) -> list[VerificationTask]:
    """Return a task for each wrong program of a kind, all kinds unless given, in both orders.

    Args:
        problems: The problems.
        kind: Kind of the wrong programs.
        most: Largest number of wrong programs of a problem.
    """
    return [
        _task(problem, (problem.right, each) if first else (each, problem.right), f"{number}{'ab'[first]}")
        for problem in problems
        for number, each in islice(
            ((number, each) for number, each in enumerate(problem.wrong) if fits(each, kind)), most
        )
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
