"""Instances of the puzzles: numbered, proved to have one solution, and divided among three parts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from ...model import Difficulty
from ..broad import SupplyPart
from .maze import MazeFamily
from .sudoku import SudokuFamily

BLOCK = 1_000_000
"""Numbers of instances that belong to one seed of a draw."""
_CENT = 100
_SHARES = {SupplyPart.VALIDATION: 15, SupplyPart.TEST: 15}
"""Percent of the keys in each part; the others are for training."""


class GridFamily(Protocol):
    """Puzzles of one kind and size. Grids are texts with one line for each row."""

    @property
    def name(self) -> str:
        """Name of the family, for example `sudoku-4`."""
        ...

    @property
    def title(self) -> str:
        """Title of the problems."""
        ...

    @property
    def rules(self) -> str:
        """The task in words."""
        ...

    @property
    def columns(self) -> int:
        """Number of columns; there are as many rows."""
        ...

    @property
    def symbols(self) -> str:
        """Characters of a puzzle."""
        ...

    @property
    def marks(self) -> str:
        """Characters of a solution."""
        ...

    def make(self, generator: random.Random, level: int) -> tuple[str, str]:
        """Return a puzzle and its only solution, for a level from 0 to 2."""
        ...

    def grade(self, puzzle: str, solution: str) -> Difficulty:
        """Return the difficulty of a puzzle."""
        ...

    def count_solutions(self, puzzle: str) -> int:
        """Return the number of solutions, at most 2."""
        ...

    def key(self, puzzle: str) -> int:
        """Return a number that is equal for puzzles that are images of each other under a symmetry."""
        ...

    def symmetry(self, generator: random.Random) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Draw a symmetry: the source of each cell, and the image of each symbol by its place.

        The places are those of `symbols` for Sudoku, where `.` stays, and those of `marks` for mazes.
        """
        ...


GRID_FAMILIES: tuple[GridFamily, ...] = (
    SudokuFamily(4, 2, 2),
    SudokuFamily(6, 2, 3),
    SudokuFamily(9, 3, 3),
    MazeFamily(9),
    MazeFamily(13),
    MazeFamily(17),
)
"""The families, in the order in which a draw takes them in turn."""


@dataclass(frozen=True, kw_only=True)
class GridInstance:
    """A puzzle with its only solution."""

    family: GridFamily = field(repr=False)
    number: int
    """Number of the instance in its family; the same number makes the same puzzle."""
    puzzle: str = field(repr=False)
    solution: str = field(repr=False)
    difficulty: Difficulty
    part: SupplyPart

    @property
    def id(self) -> str:
        """The id of the instance, for example `sudoku-4-17`."""
        return f"{self.family.name}-{self.number}"


def grid_family(name: str) -> GridFamily:
    """Return the family with this name.

    Raises:
        ValueError: There is no such family.
    """
    for family in GRID_FAMILIES:
        if family.name == name:
            return family
    known = ", ".join(family.name for family in GRID_FAMILIES)
    raise ValueError(f"the family of grids must be one of {known}, got {name!r}")


def make_instance(family: GridFamily, number: int) -> GridInstance:
    """Make the instance of a number.

    Raises:
        ValueError: The number is negative.
    """
    if number < 0:
        raise ValueError(f"the number of an instance must be at least 0, got {number!r}")
    puzzle, solution = family.make(random.Random(f"grids: {family.name} {number}"), number % 3)
    found = family.count_solutions(puzzle)
    assert found == 1, f"{family.name}-{number} has {found} solutions"
    return GridInstance(
        family=family,
        number=number,
        puzzle=puzzle,
        solution=solution,
        difficulty=family.grade(puzzle, solution),
        part=part_of(family, puzzle),
    )


def part_of(family: GridFamily, puzzle: str) -> SupplyPart:
    """Return the part of a puzzle. It depends on the key only, so images under symmetries share a part."""
    cent = family.key(puzzle) % _CENT
    for part, share in _SHARES.items():
        if cent < share:
            return part
        cent -= share
    return SupplyPart.TRAIN


def stream(
    family: GridFamily, part: SupplyPart, *, seed: int = 0, difficulty: Difficulty | None = None
) -> Iterator[GridInstance]:
    """Iterate over different instances of a part without end; the seed decides which.

    Raises:
        ValueError: The seed is negative.
    """
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed!r}")
    return _stream(family, part, seed, difficulty)


def _stream(
    family: GridFamily, part: SupplyPart, seed: int, difficulty: Difficulty | None
) -> Iterator[GridInstance]:
    seen: set[str] = set()
    for number in count(seed * BLOCK):
        instance = make_instance(family, number)
        fits = instance.part is part and difficulty in (None, instance.difficulty)
        if fits and instance.puzzle not in seen:
            seen.add(instance.puzzle)
            yield instance
