"""Examine many instances of a family: uniqueness by two searches, parts without duplicates."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from ..broad import SupplyPart
from .checking import check
from .instance import BLOCK, GridFamily, GridInstance, make_instance, part_of
from .validation import validate


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What an examination found. A sound family has a count of 0 in every field of the second group."""

    family: str
    instances: int
    distinct: int
    """Number of different puzzles."""
    parts: dict[str, int]
    """Number of different puzzles in each part."""
    difficulties: dict[str, int]

    not_unique: int
    """Puzzles for which the independent search does not find exactly one solution."""
    unsolved: int
    """Puzzles whose solution the checker refuses."""
    in_two_parts: int
    """Puzzles that occur in more than one part."""
    images_elsewhere: int
    """Puzzles for which a random image under a symmetry is in another part."""

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not (self.not_unique or self.unsolved or self.in_two_parts or self.images_elsewhere)


def examine(family: GridFamily, count: int, *, seed: int = 0) -> Examination:
    """Make and examine the first `count` instances of a seed."""
    generator = random.Random(f"grids: examine {family.name} {seed}")
    parts: dict[str, set[SupplyPart]] = {}
    found: Counter[str] = Counter()
    difficulties: Counter[str] = Counter()
    for number in range(seed * BLOCK, seed * BLOCK + count):
        instance = make_instance(family, number)
        parts.setdefault(instance.puzzle, set()).add(instance.part)
        difficulties[instance.difficulty.value] += 1
        found["not_unique"] += validate(instance.puzzle) != ""
        found["unsolved"] += not check(instance.puzzle, instance.solution, "")[0]
        found["images_elsewhere"] += part_of(family, image_of(instance, generator)) is not instance.part
    return Examination(
        family=family.name,
        instances=count,
        distinct=len(parts),
        parts={str(part): sum(part in own for own in parts.values()) for part in SupplyPart},
        difficulties=dict(sorted(difficulties.items())),
        not_unique=found["not_unique"],
        unsolved=found["unsolved"],
        in_two_parts=sum(len(own) > 1 for own in parts.values()),
        images_elsewhere=found["images_elsewhere"],
    )


def image_of(instance: GridInstance, generator: random.Random) -> str:
    """Return the image of a puzzle under a random symmetry."""
    family = instance.family
    places, symbols = family.symmetry(generator)
    cells = "".join(instance.puzzle.split())
    image = [family.symbols[symbols[family.symbols.index(cells[place])]] for place in places]
    lines = range(0, len(image), family.columns)
    return "".join("".join(image[start : start + family.columns]) + "\n" for start in lines)
