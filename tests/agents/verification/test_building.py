"""Sets of verification tasks: balance, kinds, proofs, and verifiers that look at appearances only."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import comb
from pathlib import Path

import pytest

from codefrontier.agents.verification import (
    BuildSettings,
    ProgramPool,
    build_tasks,
    find_task_problem,
    program_pools,
    prove_labels,
)
from codefrontier.agents.verification.command import VerificationCommand
from codefrontier.judge import Judge, Language
from codefrontier.problems import Label, LabelledSubmission, Problem, Testset
from codefrontier.problems.store.folders import store_problem
from codefrontier.problems.verification import (
    EASY_BELOW,
    HARD_RATES,
    VerificationKind,
    VerificationTask,
    boldness,
    read_tasks,
)

pytestmark = pytest.mark.sandbox
Choose = Callable[[VerificationTask], int]


def first(task: VerificationTask) -> int:
    return 1


def longest(task: VerificationTask) -> int:
    return 1 + max(range(len(task.candidates)), key=lambda place: len(task.candidates[place].source))


def boldest(task: VerificationTask) -> int:
    return 1 + max(
        range(len(task.candidates)),
        key=lambda place: boldness(task.candidates[place].source, task.candidates[place].language),
    )


VERIFIERS: tuple[Choose, ...] = (first, longest, boldest)


def interval(tasks: Sequence[VerificationTask]) -> tuple[int, int]:
    """Return the central 99 % of the number of right answers of a uniform choice, by exact convolution."""
    weights = [1.0]
    for size, count in Counter(len(task.candidates) for task in tasks).items():
        own = [comb(count, k) * (1 / size) ** k * (1 - 1 / size) ** (count - k) for k in range(count + 1)]
        joined = [0.0] * (len(weights) + count)
        for one, left in enumerate(weights):
            for other, right in enumerate(own):
                joined[one + other] += left * right
        weights = joined
    low = next(k for k in range(len(weights)) if sum(weights[: k + 1]) > 0.005)
    high = next(k for k in range(len(weights) - 1, -1, -1) if sum(weights[k:]) > 0.005)
    return low, high


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(workers=1) as judge:
        yield judge


def test_each_problem_of_the_families_has_programs_in_one_of_the_languages() -> None:
    both = (Language.CPP, Language.JAVA)
    pools = program_pools("families", kind=VerificationKind.EASY, seed=0, languages=both)
    translated = [pool for pool in islice(pools, 60) if pool.programs]
    assert len(translated) >= 15
    found = [{each.language for each in pool.programs} for pool in translated]
    assert all(len(each) == 1 for each in found)
    assert set().union(*found) == {*both}
    assert all(len({each.source for each in pool.programs}) == len(pool.programs) for pool in translated)
    with pytest.raises(ValueError, match="in python, cpp, cpp17, cpp23, java, got go"):
        program_pools("families", kind=VerificationKind.EASY, seed=0, languages=(Language.GO,))


def few(kind: VerificationKind) -> Iterator[ProgramPool]:
    """Yield problems of a micro family, whose programs run quickly."""
    for pool in program_pools("families", kind=kind, seed=3):
        if pool.prompt:
            yield pool


def test_a_set_is_balanced_and_its_labels_are_found_again(judge: Judge) -> None:
    settings = BuildSettings(kind=VerificationKind.EASY, tasks=10, sizes=(2, 3), per_problem=6)
    built = build_tasks(few(VerificationKind.EASY), judge, settings)
    for size in (2, 3):
        own = [task for task in built.tasks if len(task.candidates) == size]
        assert own
        assert len(set(Counter(task.right for task in own).values())) == 1
        assert sum(longest(task) == task.right for task in own) == len(own) // size
    for task in built.tasks:
        assert all(each.pass_rate < EASY_BELOW for each in task.candidates if not each.right)
        assert "#fast" not in task.question
    assert not prove_labels(built.tasks, judge, find_task_problem)
    # A label that is wrong is named.
    broken = built.tasks[0]
    place = broken.right - 1
    right = broken.candidates[place]
    other = replace(right, passed=right.selected - 1)
    swapped = [other if each is right else each for each in broken.candidates]
    away = 1 if place == 0 else 0
    swapped[away] = replace(swapped[away], passed=right.selected)
    fake = replace(broken, candidates=tuple(swapped))
    assert {each.candidate for each in prove_labels([fake], judge, find_task_problem)} == {
        place + 1,
        away + 1,
    }


def test_labelled_programs_of_a_set_are_a_source(
    judge: Judge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = b"a, b = map(int, input().split())\nprint(a + b)\n"
    programs = (
        ("right.py", Label.ACCEPTED, right),
        ("short.py", Label.WRONG_ANSWER, b"print(3)\n"),
        ("long.py", Label.WRONG_ANSWER, right + b"# not the sum\nprint(0)\n"),
    )
    for name in ("one", "two"):
        tests = Testset.inline([(b"1 2\n", b"3\n"), (b"2 2\n", b"4\n")])
        made = tuple(LabelledSubmission(name=n, label=label, source=source) for n, label, source in programs)
        problem = Problem(id=name, title=name, statement="Add.", tests=tests, submissions=made)
        store_problem(problem, tmp_path / "problems")
    command = VerificationCommand(
        source=(str(tmp_path / "problems"),),
        kind="heldout",
        to=tmp_path / "set",
        tasks=4,
        sizes=(2,),
        orders=2,
        workers=1,
        json=True,
    )
    assert command.run() == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["tasks"], found["right_at"]) == (8, {"2": {"1": 4, "2": 4}})
    assert VerificationCommand(check=tmp_path / "set", workers=1).run() == 0
    assert "0 wrong" in capsys.readouterr().out
    assert command.run() == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (
            {"source": ("classics",), "to": Path("x"), "languages": (Language.JAVA,)},
            "--languages is for programs of families, got the sources classics",
        ),
        (
            {"source": ("families",), "to": Path("x"), "languages": (Language.GO,)},
            "programs of families are in python, cpp, cpp17, cpp23, java, got go",
        ),
        ({}, "--from"),
        ({"source": ("families",), "kind": "strong", "to": Path("x")}, "records:RUN"),
        ({"source": ("families",), "to": Path("x"), "sizes": (6,)}, "sizes"),
        ({"source": ("families",), "to": Path("x"), "tasks": 3}, "tasks must be at least"),
        ({"source": ("families",), "to": Path("x"), "orders": 3}, "orders"),
        ({"source": ("nowhere",), "to": Path("x")}, "nowhere"),
    ],
)
def test_bad_commands_say_why(
    arguments: dict[str, object], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert VerificationCommand(workers=1, **arguments).run() == 2  # type: ignore[arg-type]
    assert re.search(re.escape(why), capsys.readouterr().err)


@pytest.mark.long
def test_appearances_are_at_chance_on_a_balanced_set_and_below_on_an_adversarial_one(judge: Judge) -> None:
    for kind in (VerificationKind.EASY, VerificationKind.ADV):
        settings = BuildSettings(kind=kind, tasks=50, sizes=(2, 3), per_problem=10)
        tasks = build_tasks(few(kind), judge, settings).tasks
        assert len(tasks) >= 36
        assert not prove_labels(tasks, judge, find_task_problem)
        low, high = interval(tasks)
        for verifier in VERIFIERS:
            right = sum(verifier(task) == task.right for task in tasks)
            if kind is VerificationKind.EASY:
                assert low <= right <= high, verifier.__name__
            else:
                assert right < low, verifier.__name__


def test_the_rates_of_hard_tasks_are_those_of_the_paper() -> None:
    assert HARD_RATES == (0.7, 0.9)
    assert read_tasks(Path(__file__).parents[3] / "problems/verification/embedded")
