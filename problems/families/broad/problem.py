"""Make the problem of a broad spec: its statement, tests and labelled submissions."""

from __future__ import annotations

import random
from functools import partial

from ...model import Label, LabelledSubmission, Limits, Problem
from ...testset import InlineData, TestCase, Testset
from ..execution import answer, measure
from .spec import BroadSpec

TIERS = {"small": 6, "medium": 2, "large": 3}
"""Number of tests in each tier. References use less than 40 % of the cost limit on every test. Slow programs
exceed the limit several times on the large tests, and stay below it on the others."""
SAMPLES = 2
IMPORTS = {
    "bisect": "from bisect import bisect_left, bisect_right",
    "insort": "from bisect import insort",
    "defaultdict": "from collections import defaultdict",
    "accumulate": "from itertools import accumulate",
    "gcd(": "from math import gcd",
}


def make_broad_problem(spec: BroadSpec) -> Problem:
    """Return the problem of a spec. Its tests and answers are computed at first use."""
    family = spec.family
    return Problem(
        id=spec.id,
        title=f"{family.title} ({', '.join(spec.id.removeprefix(f'{family.name}-').split('-'))})",
        statement=make_statement(spec),
        tests=Testset(partial(make_tests, spec)),
        samples=Testset(partial(_cases, spec, "sample/", [("small", SAMPLES)])),
        limits=Limits(time_s=2.0, memory_mib=256, cost=family.cost),
        difficulty=spec.difficulty,
        source="families",
        submissions=make_submissions(spec),
        metadata={"family": family.name, "twist": spec.twist.name, "result": spec.result.name},
    )


def make_statement(spec: BroadSpec) -> str:
    """Return the statement of a problem."""
    family = spec.family
    task = family.describe(spec.base)
    begin = f"{spec.twist.words}\n\n" if spec.twist.words else ""
    printed = "it" if spec.result.expression == "r" else f"`{spec.result.expression}`, where r is this number"
    return f"""{begin}{task[0].upper()}{task[1:]}. Print {printed}.

Positions count from 0. Operators are those of Python (`//` rounds down, `%` is never negative, `^`, `|` and
`&` are bitwise).

## Input

{family.domain.layout}

## Output

One line with the number asked for.

## Cost

A Python program may execute about {family.cost} lines on each test.
"""


def make_tests(spec: BroadSpec) -> list[TestCase]:
    """Return the test cases in the order of their sizes: six small, two medium, three large."""
    return _cases(spec, "", list(TIERS.items()))


def write_broad_program(spec: BroadSpec, *, fast: bool) -> str:
    """Return the reference or the slow program, without a final newline."""
    return _complete(spec, spec.family.body(spec.base, fast=fast))


def make_submissions(spec: BroadSpec) -> tuple[LabelledSubmission, ...]:
    """Return the reference, the slow program, and, if there is one, a wrong program."""
    programs = [
        ("reference.py", Label.ACCEPTED, write_broad_program(spec, fast=True)),
        ("slow.py", Label.TIME_LIMIT_EXCEEDED, write_broad_program(spec, fast=False)),
    ]
    wrong = find_wrong(spec)
    if wrong is not None:
        programs.append(("wrong.py", Label.WRONG_ANSWER, wrong))
    return tuple(
        LabelledSubmission(name=name, label=label, source=f"{text}\n".encode())
        for name, label, text in programs
    )


def wrong_programs(spec: BroadSpec) -> list[str]:
    """Return the reference with each of `wrong_bodies`."""
    return [_complete(spec, body) for body in wrong_bodies(spec)]


def wrong_bodies(spec: BroadSpec) -> list[str]:
    """Return the body of the reference with each applicable mistake, in an order that the id decides.

    The last one adds 1 to the answer.
    """
    body = spec.family.body(spec.base, fast=True)
    bodies = [body.replace(slip.old, slip.new, 1) for slip in spec.family.mistakes if slip.old in body]
    # A seed from the id alone, so that a problem does not depend on any other problem.
    random.Random(f"families: {spec.id} wrong").shuffle(bodies)
    bodies.append(f"{body}\nr += 1")
    return [each for each in dict.fromkeys(bodies) if each != body]


def find_wrong(spec: BroadSpec) -> str | None:
    """Return the first of `wrong_programs` that gives a wrong answer on a small test.

    On every small test the program must end without an error and within the cost limit. Return None if no
    program qualifies.
    """
    program = write_broad_program(spec, fast=True)
    inputs = [data for _, data in make_inputs(spec, "", [("small", TIERS["small"])])]
    answers = [answer(program, data) for data in inputs]
    for candidate in wrong_programs(spec):
        outcomes = [measure(candidate, data, cost=spec.family.cost) for data in inputs]
        printed = [outcome.output for outcome in outcomes]
        if printed != answers and not any(outcome.error or outcome.exceeded for outcome in outcomes):
            return candidate
    return None


def make_inputs(spec: BroadSpec, prefix: str, tiers: list[tuple[str, int]]) -> list[tuple[str, bytes]]:
    """Return the names and inputs of the tests; `tiers` has the number of tests of each tier."""
    generator = random.Random(f"families: {spec.id} {prefix}")
    inputs = []
    for tier, count in tiers:
        for number in range(count):
            size = _size(spec, tier, generator)
            lines = spec.family.domain.make(size, number, generator)
            inputs.append((f"{prefix}{tier}-{number + 1}", "".join(f"{line}\n" for line in lines).encode()))
    return inputs


def _size(spec: BroadSpec, tier: str, generator: random.Random) -> int:
    sizes = spec.family.sizes
    if tier == "small":
        return generator.choice(sizes.small)
    return sizes.medium if tier == "medium" else sizes.large


def imports_of(body: str) -> list[str]:
    """Return the imports that a body needs."""
    return [line for word, line in IMPORTS.items() if word in body]


def _complete(spec: BroadSpec, body: str) -> str:
    """Return a whole program: imports, reading, the twist, the body and the output."""
    domain = spec.family.domain
    lines = [*imports_of(body), *domain.read, *spec.twist.lines, body, f"print({spec.result.expression})"]
    return "\n".join(lines)


def _cases(spec: BroadSpec, prefix: str, tiers: list[tuple[str, int]]) -> list[TestCase]:
    program = write_broad_program(spec, fast=True)
    return [
        TestCase(
            name=name,
            index=index,
            input_size=len(data),
            data=InlineData(input_bytes=data, answer_bytes=answer(program, data)),
        )
        for index, (name, data) in enumerate(make_inputs(spec, prefix, tiers))
    ]
