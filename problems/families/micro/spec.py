"""Specs of micro problems: a cell (family and operator) and a combination (map, slice, output)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Self

from . import pairs, sequences, subarrays
from .family import Family
from .operators import Operator
from .transforms import MAPS, OUTPUTS, SLICES, ElementMap, Output, Slice

FAMILIES: tuple[Family, ...] = (*pairs.FAMILIES, *sequences.FAMILIES, *subarrays.FAMILIES)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A family with one of its operators."""

    family: Family
    operator: Operator

    @property
    def name(self) -> str:
        """The name of the cell, for example `pair-sums-lt`."""
        return f"{self.family.name}-{self.operator}"


@dataclass(frozen=True, kw_only=True)
class Combination:
    """The changes to the array before the question of the cell, and to the answer after it."""

    map: ElementMap
    slice: Slice
    output: Output


CELLS = tuple(Cell(family=family, operator=operator) for family in FAMILIES for operator in family.operators)
COMBINATIONS = tuple(
    Combination(map=element_map, slice=part, output=output)
    for element_map, part, output in product(MAPS, SLICES, OUTPUTS)
)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The full description of a problem."""

    cell: Cell
    combination: Combination

    @property
    def prompt(self) -> str:
        """The symbolic line of the prompt, for example `pair-sums lt map=sq slice=odd out=mod`."""
        parts = self.combination
        return (
            f"{self.cell.family.name} {self.cell.operator} "
            f"map={parts.map.name} slice={parts.slice.name} out={parts.output.name}"
        )

    @property
    def id(self) -> str:
        """The id of the problem, for example `pair-sums-lt-sq-odd-mod`."""
        parts = self.combination
        return f"{self.cell.name}-{parts.map.name}-{parts.slice.name}-{parts.output.name}"

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        # By id, because families hold functions that cannot be pickled.
        return type(self).parse, (self.id,)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the spec with this prompt or id.

        Raises:
            ValueError: No problem has this prompt or id.
        """
        place = _places().get(text)
        if place is None:
            example = cls(cell=CELLS[0], combination=COMBINATIONS[-1])
            raise ValueError(
                f"no family problem {text!r}; it must be a prompt such as {example.prompt!r} or an id such "
                f"as {example.id!r}, with a family of {', '.join(family.name for family in FAMILIES)}"
            )
        cell, combination = place
        return cls(cell=CELLS[cell], combination=COMBINATIONS[combination])


@cache
def _places() -> dict[str, tuple[int, int]]:
    """Map every prompt and id to the positions of its cell and combination."""
    places = {}
    for row, cell in enumerate(CELLS):
        for column, combination in enumerate(COMBINATIONS):
            spec = Spec(cell=cell, combination=combination)
            places[spec.prompt] = places[spec.id] = row, column
    return places
