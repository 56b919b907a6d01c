"""Make the problem of a micro spec: its statement, tests and labelled submissions."""

from __future__ import annotations

import random
from functools import partial

from ...model import Label, LabelledSubmission, Limits, Problem
from ...testset import InlineData, TestCase, Testset
from ..bugs import bug_sites
from ..execution import answer
from .inputs import SAMPLE, TIERS, Tier, make_input
from .programs import ProgramPlan, write_program
from .spec import Spec

COST = 22_000
"""Number of events (lines and jumps) that a program may execute on one test.

Fast programs use less than 40 % of this limit on every test. Slow programs exceed it several times on large
tests, and stay below it on the others."""
LIMITS = Limits(time_s=2.0, memory_mib=256, cost=COST)


def make_problem(spec: Spec) -> Problem:
    """Return the problem of a spec. Its tests and answers are computed at first use."""
    parts = spec.combination
    return Problem(
        id=spec.id,
        title=f"{spec.cell.family.title} ({spec.cell.operator}, {parts.map.name}, {parts.slice.name})",
        statement=make_statement(spec),
        tests=Testset(partial(make_tests, spec)),
        samples=Testset(partial(_make_cases, spec, (SAMPLE,), prefix="sample/")),
        limits=LIMITS,
        difficulty=spec.cell.family.difficulty,
        source="families",
        submissions=make_submissions(spec),
        metadata={
            "prompt": spec.prompt,
            "family": spec.cell.family.name,
            "operator": spec.cell.operator.value,
            "cell": spec.cell.name,
            "map": parts.map.name,
            "slice": parts.slice.name,
            "output": parts.output.name,
        },
    )


def make_statement(spec: Spec) -> str:
    """Return the statement: the symbolic line of the prompt, then prose for human readers."""
    parts = spec.combination
    replaced = (
        "" if parts.map.expression == "x" else f", and replace each of them, x, by `{parts.map.expression}`"
    )
    printed = "r" if parts.output.expression == "r" else f"`{parts.output.expression}`"
    return f"""{spec.prompt}

For each of several arrays: keep {parts.slice.words}{replaced}. Call the result a, with positions from 0.
Let r be the answer to this: {spec.cell.family.task(spec.cell.operator)}. Print {printed}.
Operators are those of Python (`//` rounds down, `%` is never negative, `^` and `|` are bitwise).

## Input

The first line holds the number of arrays, at most 3. Each of the following lines holds one array of
5 to 800 integers from -50 to 50, separated by spaces; at least 5 of them are kept.

## Output

For each array one line with the number asked for.

## Cost

A Python program may execute about {COST} lines on each test.
"""


def make_tests(spec: Spec) -> list[TestCase]:
    """Return the test cases in the order of their sizes: three small, one medium, two large."""
    return _make_cases(spec, TIERS)


def make_submissions(spec: Spec) -> tuple[LabelledSubmission, ...]:
    """Return the fast program, the slow program, and a fast program with a bug that fails a small test."""
    fast = write_program(spec, ProgramPlan.FAST)
    programs = [
        ("reference.py", Label.ACCEPTED, fast),
        ("slow.py", Label.TIME_LIMIT_EXCEEDED, write_program(spec, ProgramPlan.SLOW)),
    ]
    wrong = _find_wrong(spec, fast)
    if wrong:
        programs.append(("wrong.py", Label.WRONG_ANSWER, wrong))
    return tuple(
        LabelledSubmission(name=name, label=label, source=text.encode()) for name, label, text in programs
    )


def _find_wrong(spec: Spec, program: str) -> str | None:
    """Return a program with a bug that gives a wrong answer, and does not crash, on the first test it fails.

    The bugs of the fast program are tried in an order that the spec decides.
    """
    sites = bug_sites(program)
    random.Random(f"families: {spec.id} wrong").shuffle(sites)
    inputs = [data for _, data in _inputs(spec, TIERS[:1])]
    answers = [answer(program, data) for data in inputs]
    for site in sites:
        candidate = site.apply(program)
        if _answers_wrongly(candidate, inputs, answers):
            return candidate
    return None


def _answers_wrongly(program: str, inputs: list[bytes], answers: list[bytes]) -> bool:
    try:
        return [answer(program, data) for data in inputs] != answers
    except (LookupError, TypeError):  # a crash would give RTE instead of WA
        return False


def _make_cases(spec: Spec, tiers: tuple[Tier, ...], *, prefix: str = "") -> list[TestCase]:
    program = write_program(spec, ProgramPlan.FAST)
    return [
        TestCase(
            name=f"{prefix}{name}",
            index=index,
            input_size=len(data),
            data=InlineData(input_bytes=data, answer_bytes=answer(program, data)),
        )
        for index, (name, data) in enumerate(_inputs(spec, tiers, prefix=prefix))
    ]


def _inputs(spec: Spec, tiers: tuple[Tier, ...], *, prefix: str = "") -> list[tuple[str, bytes]]:
    """Return the names and inputs of the tests of the given tiers."""
    generator = random.Random(f"families: {spec.id} {prefix}")
    return [
        (f"{tier.name}-{number}", make_input(tier, kinds, spec.combination.slice, generator))
        for tier in tiers
        for number, kinds in enumerate(tier.tests, start=1)
    ]
