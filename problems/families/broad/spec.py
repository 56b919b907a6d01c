"""Specs of broad problems: a family, a choice for each parameter, a twist, and an output."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product
from typing import Self

from ...model import Difficulty
from . import arrays, comparisons, counting, grids, spans, strings, structures, totals
from .domains import Twist
from .family import Base, BroadFamily

BROAD_FAMILIES: tuple[BroadFamily, ...] = (
    *arrays.FAMILIES,
    *comparisons.FAMILIES,
    *totals.FAMILIES,
    *spans.FAMILIES,
    *strings.FAMILIES,
    *grids.FAMILIES,
    *counting.FAMILIES,
    *structures.FAMILIES,
)
LEVELS = (Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD)


class SupplyPart(StrEnum):
    """A part of the supply; parts have no problem in common."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


SHARES = {SupplyPart.VALIDATION: 0.15, SupplyPart.TEST: 0.15}
"""Shares of the combinations of choices of each family; the other combinations are for training."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """The output of a program, computed from the answer `r`."""

    name: str
    """Name in ids."""
    expression: str
    """Python expression of `r`."""


RESULTS = (
    Result(name="plain", expression="r"),
    Result(name="minus", expression="-r"),
    Result(name="next", expression="3 * r + 1"),
    Result(name="square", expression="r * r"),
    Result(name="flip", expression="r ^ 170"),
    Result(name="rest", expression="r % 1009"),
    Result(name="pair", expression="r * r + r"),
    Result(name="away", expression="abs(r - 40)"),
)


@dataclass(frozen=True, kw_only=True)
class BroadSpec:
    """The full description of a problem."""

    family: BroadFamily
    base: Base
    twist: Twist
    result: Result

    @property
    def id(self) -> str:
        """The id of the problem, for example `coin-ways-2x3x7-fewest-grown-square`."""
        choices = (choice.name for choice in self.base)
        return "-".join((self.family.name, *choices, self.twist.name, self.result.name))

    @property
    def difficulty(self) -> Difficulty:
        """The difficulty of the family, but at least medium with a twist or an output other than `r`, and
        hard with both.
        """
        return _difficulty(self.family, self.twist, self.result)

    @property
    def part(self) -> SupplyPart:
        """The part of the supply with this problem; it does not depend on twist and result."""
        return _parts(self.family.name)[self.base]

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        # By id, because families hold functions that cannot be pickled.
        return type(self).parse, (self.id,)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the spec with this id.

        Raises:
            ValueError: No problem has this id.
        """
        family = next((each for each in BROAD_FAMILIES if text.startswith(f"{each.name}-")), None)
        if family is not None:
            names = text.removeprefix(f"{family.name}-").split("-")
            base = tuple(
                choice
                for axis, name in zip(family.axes.values(), names, strict=False)
                for choice in axis
                if choice.name == name
            )
            rest = names[len(family.axes) :]
            twists = [twist for twist in family.domain.twists if [twist.name] == rest[:1]]
            results = [result for result in RESULTS if [result.name] == rest[1:]]
            if len(base) == len(family.axes) and twists and results:
                return cls(family=family, base=base, twist=twists[0], result=results[0])
        example = cls(
            family=BROAD_FAMILIES[0],
            base=BROAD_FAMILIES[0].bases()[0],
            twist=BROAD_FAMILIES[0].domain.twists[0],
            result=RESULTS[0],
        )
        raise ValueError(
            f"no problem {text!r} in the broad families: an id looks like {example.id!r} and starts with "
            f"one of {', '.join(family.name for family in BROAD_FAMILIES)}"
        )


@dataclass(frozen=True, kw_only=True)
class BroadSpecs:
    """Problems of a family as a lazy sequence: every base with every ending."""

    family: BroadFamily
    bases: tuple[Base, ...]
    endings: tuple[tuple[Twist, Result], ...]

    def __len__(self) -> int:
        return len(self.bases) * len(self.endings)

    def __getitem__(self, place: int) -> BroadSpec:
        if not 0 <= place < len(self):
            raise IndexError(f"index must be in 0..{len(self) - 1}, got {place!r}")
        twist, result = self.endings[place % len(self.endings)]
        base = self.bases[place // len(self.endings)]
        return BroadSpec(family=self.family, base=base, twist=twist, result=result)


def broad_specs(family: BroadFamily, part: SupplyPart, difficulty: Difficulty | None = None) -> BroadSpecs:
    """Return the problems of a family in a part of the supply; only those of a difficulty, if given."""
    bases = tuple(base for base, own in _parts(family.name).items() if own is part)
    endings = tuple(product(family.domain.twists, RESULTS))
    if difficulty is not None:
        endings = tuple(ending for ending in endings if _difficulty(family, *ending) is difficulty)
    return BroadSpecs(family=family, bases=bases, endings=endings)


def _difficulty(family: BroadFamily, twist: Twist, result: Result) -> Difficulty:
    twists = (twist is not family.domain.twists[0]) + (result is not RESULTS[0])
    return LEVELS[max(LEVELS.index(family.difficulty), twists)]


@cache
def _parts(name: str) -> dict[Base, SupplyPart]:
    (family,) = (each for each in BROAD_FAMILIES if each.name == name)
    bases = family.bases()
    random.Random(f"families: parts of {name}").shuffle(bases)
    parts: dict[Base, SupplyPart] = {}
    for part, share in SHARES.items():
        for _ in range(round(share * len(bases))):
            parts[bases[len(parts)]] = part
    return {base: parts.get(base, SupplyPart.TRAIN) for base in bases}
