"""The command `python -m codefrontier.problems.families.puzzles`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass

import tyro

from .examination import examine
from .instance import GRID_FAMILIES, grid_family

SOUND, UNSOUND, NO_ANSWER = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class ExamineCommand:
    """Examine instances of the puzzles, and print a line of JSON for each family.

    The exit status is 0 if every family is sound, 1 if a family is not, and 2 if an argument is wrong.
    """

    family: tuple[str, ...] = tuple(family.name for family in GRID_FAMILIES)
    """Families to examine."""
    count: int = 200
    """Number of instances of each family."""
    seed: int = 0
    """Seed that chooses the instances."""

    def run(self) -> int:
        """Examine, print, and return the exit status."""
        status = SOUND
        for name in self.family:
            try:
                found = examine(grid_family(name), self.count, seed=self.seed)
            except ValueError as error:
                print(f"error: {error}", file=sys.stderr)
                return NO_ANSWER
            print(json.dumps(asdict(found)), flush=True)
            status = max(status, SOUND if found.sound else UNSOUND)
        return status


if __name__ == "__main__":
    sys.exit(tyro.cli(ExamineCommand, prog="python -m codefrontier.problems.families.puzzles").run())
