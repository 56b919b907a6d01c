"""The supply: the problems of the micro and the broad families, in three disjoint parts.

part          micro families                       broad families
train         train                                70 % of the choices of parameters
validation    validation, without twins            15 %
test          heldout, without twins               15 %

Twins are problems that behave like a problem of an earlier part. Three micro families have no held-out cells,
so they have no problems in `test`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from math import gcd

from ..model import Difficulty, Problem
from .broad import BROAD_FAMILIES, BroadSpec, BroadSpecs, SupplyPart, broad_specs, make_broad_problem
from .micro.problem import make_problem
from .micro.spec import CELLS, FAMILIES, Spec
from .micro.splits import Split, combinations, held_out_cells
from .micro.twins import twins

AnySpec = Spec | BroadSpec
FAMILY_NAMES: tuple[str, ...] = (
    *(family.name for family in FAMILIES),
    *(family.name for family in BROAD_FAMILIES),
)
"""Names of all families, the micro families first."""
MICRO_NAMES: tuple[str, ...] = tuple(family.name for family in FAMILIES)
"""Names of the micro families, whose prompts the tiny models of this package can read."""
SET_FAMILIES = {"families": FAMILY_NAMES, "microfamilies": MICRO_NAMES}
"""Names of the families in each problem set."""
DEFAULT_COUNT = 600
"""Number of problems in a problem set whose name has no number, or all of its part where there are fewer."""
_SPLITS = {
    SupplyPart.TRAIN: Split.TRAIN,
    SupplyPart.VALIDATION: Split.VALIDATION,
    SupplyPart.TEST: Split.HELDOUT,
}


@dataclass(frozen=True, kw_only=True)
class Draw:
    """A selection of problems of the supply."""

    part: SupplyPart = SupplyPart.TEST
    count: int | None = None
    """Number of problems; None takes 600, or all problems of the part where there are fewer."""
    seed: int = 0
    families: tuple[str, ...] = FAMILY_NAMES

    def __post_init__(self) -> None:
        if self.count is not None and (type(self.count) is not int or self.count < 1):
            raise ValueError(f"count must be at least 1, got {self.count!r}")

    @classmethod
    def parse(cls, name: str) -> Draw:
        """Parse `families`, `families:PART`, `families:PART:COUNT` or `families:PART:COUNT:SEED`; with
        `microfamilies` in place of `families` only the micro families.

        Raises:
            ValueError: The name has another form.
        """
        first, *rest = name.lower().split(":")
        numbers = rest[1:]
        if first not in SET_FAMILIES or len(rest) > 3 or not all(word.isdecimal() for word in numbers):
            raise ValueError(
                f"problems of the families are named 'families:PART:COUNT:SEED', "
                f"'microfamilies:PART:COUNT:SEED' or shorter, got {name!r}"
            )
        values = dict(zip(("count", "seed"), map(int, numbers), strict=False))
        part = parse_part(rest[0]) if rest else SupplyPart.TEST
        return cls(part=part, families=SET_FAMILIES[first], **values)


def parse_part(part: SupplyPart | str) -> SupplyPart:
    """Return the part with this name.

    Raises:
        ValueError: No part has this name.
    """
    try:
        return SupplyPart(part)
    except ValueError as error:
        raise ValueError(f"part must be one of {', '.join(SupplyPart)}, got {part!r}") from error


@cache
def supply_specs(
    family: str, part: SupplyPart, difficulty: Difficulty | None = None
) -> BroadSpecs | tuple[Spec, ...]:
    """Return the problems of a family in a part; only those of a difficulty, if given.

    Raises:
        ValueError: The family is unknown.
    """
    for broad in BROAD_FAMILIES:
        if broad.name == family:
            return broad_specs(broad, part, difficulty)
    if family not in FAMILY_NAMES:
        raise ValueError(f"no family {family!r}; there are {', '.join(FAMILY_NAMES)}")
    return tuple(
        spec for spec in _micro_specs(family, part) if difficulty in (None, spec.cell.family.difficulty)
    )


def supply_problem(
    family: str, *, seed: int, difficulty: Difficulty | None = None, part: SupplyPart | str = SupplyPart.TRAIN
) -> Problem:
    """Make the problem of a seed; consecutive seeds give different problems until all were made.

    Raises:
        ValueError: The family or part is unknown, or has no problem of this difficulty.
    """
    specs = supply_specs(family, parse_part(part), difficulty)
    if not specs:
        raise ValueError(
            f"the family {family!r} has no problem of difficulty {difficulty!s} in part {str(part)!r}"
        )
    return problem_of(specs[_place(len(specs), f"{family} {part} {difficulty}", seed)])


def problem_of(spec: AnySpec) -> Problem:
    """Return the problem of a spec, micro or broad."""
    return make_problem(spec) if isinstance(spec, Spec) else make_broad_problem(spec)


def find_family_problem(problem_id: str) -> Problem:
    """Return the problem with this id, micro or broad.

    Raises:
        ValueError: No problem has this id.
    """
    if any(problem_id.startswith(f"{family.name}-") for family in BROAD_FAMILIES):
        return make_broad_problem(BroadSpec.parse(problem_id))
    return make_problem(Spec.parse(problem_id))


def shuffled_supply(
    part: SupplyPart | str,
    seed: int,
    *,
    difficulty: Difficulty | None = None,
    families: Sequence[str] = FAMILY_NAMES,
) -> Iterator[AnySpec]:
    """Iterate once over all specs of a part, in an order that `seed` decides.

    The order consists of rounds with each remaining family once, so every prefix of it is balanced.

    Raises:
        ValueError: The part or a family is unknown.
    """
    known = parse_part(part)
    for family in families:
        if family not in FAMILY_NAMES:
            raise ValueError(f"no family {family!r}; there are {', '.join(FAMILY_NAMES)}")
    return _rounds(known, seed, difficulty, families)


def draw_supply(draw: Draw, *, difficulty: Difficulty | None = None) -> list[Problem]:
    """Draw different problems of a part: the first ones in the order of the seed.

    Raises:
        ValueError: The part has fewer problems.
    """
    found = shuffled_supply(draw.part, draw.seed, difficulty=difficulty, families=draw.families)
    specs = list(islice(found, draw.count or DEFAULT_COUNT))
    if draw.count is not None and len(specs) < draw.count:
        raise ValueError(f"part {draw.part!s} has {len(specs)} such problems, fewer than {draw.count}")
    return [problem_of(spec) for spec in specs]


def named_problems(name: str) -> list[Problem]:
    """Return the problems of a name such as `families`, `families:train:50:7` or `microfamilies`.

    Raises:
        ValueError: The name is malformed, or asks for more problems than there are.
    """
    return list(_drawn(Draw.parse(name)))


@cache
def _drawn(draw: Draw) -> tuple[Problem, ...]:
    return tuple(draw_supply(draw))


def _rounds(
    part: SupplyPart, seed: int, difficulty: Difficulty | None, families: Sequence[str]
) -> Iterator[AnySpec]:
    generator = random.Random(f"families: supply {part} {seed}")
    orders = {family: _ordered(family, part, seed, difficulty) for family in families}
    while orders:
        for family in generator.sample(sorted(orders), len(orders)):
            spec = next(orders[family], None)
            if spec is None:
                del orders[family]
            else:
                yield spec


def _ordered(family: str, part: SupplyPart, seed: int, difficulty: Difficulty | None) -> Iterator[AnySpec]:
    specs = supply_specs(family, part, difficulty)
    return (specs[_place(len(specs), f"{family} {part} {seed}", turn)] for turn in range(len(specs)))


def _place(size: int, key: str, turn: int) -> int:
    """Return the number at an index of an order of 0..size-1 that depends on the key.

    The order needs no memory: it steps through the numbers by a stride that is coprime to the size.
    """
    generator = random.Random(f"families: order of {key}")
    start, stride = generator.randrange(size), generator.randrange(1, size + 1)
    while gcd(stride, size) > 1:
        stride += 1
    return (start + turn * stride) % size


def _micro_specs(family: str, part: SupplyPart) -> Iterator[Spec]:
    split = _SPLITS[part]
    excluded = twins(family) if part is not SupplyPart.TRAIN else frozenset[str]()
    for cell in CELLS:
        if cell.family.name == family and (cell.name in held_out_cells()) is (split is Split.HELDOUT):
            specs = (
                Spec(cell=cell, combination=combination)
                for combination in combinations(held_out=split is not Split.TRAIN)
            )
            yield from (spec for spec in specs if spec.id not in excluded)
