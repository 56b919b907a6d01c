"""The problem sets `grids` and `grid-programs`: instances to fill in, and programs that fill them in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from inspect import getsource
from itertools import islice
from typing import Self

from ...checkers import make_python_checker
from ...model import Checker, Label, LabelledSubmission, Problem, Validator
from ...testset import InlineData, TestCase, Testset
from ..broad import SupplyPart
from . import checking, programs, validation
from .checking import check
from .instance import GRID_FAMILIES, GridFamily, GridInstance, grid_family, make_instance, stream
from .sudoku import SudokuFamily

INSTANCES, PROGRAMS = "grids", "grid-programs"
"""Names of the two problem sets."""
DEFAULT_COUNT = 60
"""Number of instances in the problem set `grids`."""
TESTS = 20
"""Number of tests of a problem of `grid-programs`."""


@dataclass(frozen=True, kw_only=True)
class GridDraw:
    """A selection of instances: the families in turn, of each the next instance."""

    part: SupplyPart = SupplyPart.TEST
    count: int = DEFAULT_COUNT
    seed: int = 0
    families: tuple[GridFamily, ...] = GRID_FAMILIES

    @classmethod
    def parse(cls, name: str) -> Self:
        """Parse `grids`, or `grids:PART:COUNT:SEED:FAMILY` or the beginning of this.

        Raises:
            ValueError: The name has another form.
        """
        first, *rest = name.lower().split(":")
        numbers = rest[1:3]
        if first != INSTANCES or len(rest) > 4 or not all(word.isdecimal() for word in numbers):
            raise ValueError(f"grids are named 'grids:PART:COUNT:SEED:FAMILY' or shorter, got {name!r}")
        if rest and rest[0] not in set(SupplyPart):
            raise ValueError(f"part must be one of {', '.join(SupplyPart)}, got {rest[0]!r}")
        if numbers and int(numbers[0]) < 1:
            raise ValueError(f"count must be at least 1, got {numbers[0]!r}")
        return cls(
            part=SupplyPart(rest[0]) if rest else SupplyPart.TEST,
            count=int(numbers[0]) if numbers else DEFAULT_COUNT,
            seed=int(numbers[1]) if len(numbers) > 1 else 0,
            families=(grid_family(rest[3]),) if len(rest) == 4 else GRID_FAMILIES,
        )

    def instances(self) -> Iterator[GridInstance]:
        """Iterate over the instances of the draw."""
        streams = [stream(family, self.part, seed=self.seed) for family in self.families]
        for place in range(self.count):
            yield next(streams[place % len(streams)])


def grid_problems(name: str) -> list[Problem]:
    """Return the problems of `grids`, `grids:train:50:7` and so on, or of `grid-programs`.

    Raises:
        ValueError: The name is malformed.
    """
    if name.lower() == PROGRAMS:
        return [program_problem(family) for family in GRID_FAMILIES]
    return list(_drawn(GridDraw.parse(name)))


def find_grid_problem(problem_id: str) -> Problem:
    """Return the problem with this id: an instance such as `sudoku-4-17`, or the programs of `sudoku-4`.

    Raises:
        ValueError: No problem has this id.
    """
    family, _, number = problem_id.rpartition("-")
    if number.isdecimal() and any(known.name == family for known in GRID_FAMILIES):
        return instance_problem(make_instance(grid_family(family), int(number)))
    return program_problem(grid_family(problem_id))


def instance_problem(instance: GridInstance) -> Problem:
    """Return an instance as a problem, whose answer is the filled grid."""
    family = instance.family
    answer = (instance.puzzle.encode(), instance.solution.encode())
    return Problem(
        id=instance.id,
        title=f"{family.title}, number {instance.number}",
        statement=f"{family.rules}\n\n```\n{instance.puzzle}```\n",
        tests=Testset.inline([answer]),
        checker=grid_checker(),
        difficulty=instance.difficulty,
        source=INSTANCES,
        input_validators=(input_validator(),),
        metadata={"family": family.name, "number": str(instance.number), "part": instance.part.value},
    )


def program_problem(family: GridFamily) -> Problem:
    """Return the problem that asks for a program; its tests are the first instances of the test part."""
    return _program_problem(family.name)


@cache
def _program_problem(name: str) -> Problem:
    family = grid_family(name)
    return Problem(
        id=family.name,
        title=family.title,
        statement=f"{family.rules}\n\n## Input\n\n{family.columns} lines with the rows of the grid.\n\n"
        "## Output\n\nThe filled grid in the same form.\n",
        tests=Testset(partial(_cases, family, SupplyPart.TEST, TESTS)),
        samples=Testset(partial(_cases, family, SupplyPart.TRAIN, 1)),
        checker=grid_checker(),
        source=PROGRAMS,
        submissions=_submissions(family),
        input_validators=(input_validator(),),
        metadata={"family": family.name},
    )


def judge_text(problem: Problem, text: str) -> tuple[bool, str]:
    """Check a filled grid in this process; return whether it solves the instance, and a message."""
    (case,) = problem.tests
    return check(case.input().decode(), text, "")


@cache
def grid_checker() -> Checker:
    """Return the checker of all puzzles."""
    return make_python_checker(getsource(checking))


@cache
def input_validator() -> Validator:
    """Return the program that decides about inputs, and proves that they have one solution."""
    return Validator(files={"validate.py": getsource(validation).encode()}, language="python")


@cache
def _drawn(draw: GridDraw) -> tuple[Problem, ...]:
    return tuple(instance_problem(instance) for instance in draw.instances())


def _cases(family: GridFamily, part: SupplyPart, count: int) -> list[TestCase]:
    return [
        TestCase(
            name=instance.id,
            index=index,
            input_size=len(instance.puzzle),
            data=InlineData(input_bytes=instance.puzzle.encode(), answer_bytes=instance.solution.encode()),
        )
        for index, instance in enumerate(islice(stream(family, part), count))
    ]


def _submissions(family: GridFamily) -> tuple[LabelledSubmission, ...]:
    sudoku = isinstance(family, SudokuFamily)
    texts = {
        "reference.py": programs.SUDOKU_PYTHON if sudoku else programs.MAZE_PYTHON,
        "reference.cpp": programs.SUDOKU_CPP if sudoku else programs.MAZE_CPP,
        "greedy.py": programs.SUDOKU_WRONG if sudoku else programs.MAZE_WRONG,
    }
    if isinstance(family, SudokuFamily) and family.size == 9:
        texts["singles.py"] = programs.SUDOKU_SINGLES
    return tuple(
        LabelledSubmission(
            name=name,
            label=Label.ACCEPTED if name.startswith("reference") else Label.WRONG_ANSWER,
            source=text.encode(),
        )
        for name, text in texts.items()
    )
