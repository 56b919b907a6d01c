"""The puzzles of a run, and their images under symmetries."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from itertools import islice

import torch
from torch import Tensor

from ...agents.equilibrium import GridCodec
from ...problems.families import SupplyPart
from ...problems.families.puzzles import SudokuFamily, grid_family, stream

SYMMETRIES = 1024
"""Symmetries that images are drawn from."""


@dataclass(frozen=True, kw_only=True)
class PuzzleRows:
    """Puzzles and solutions, int64 [N, L] each, with symmetries [T, L] of cells and [T, S] of symbols."""

    puzzles: Tensor = field(repr=False)
    solutions: Tensor = field(repr=False)
    places: Tensor = field(repr=False)
    symbols: Tensor = field(repr=False)
    marks: Tensor = field(repr=False)

    @classmethod
    def make(cls, name: str, count: int, *, seed: int) -> PuzzleRows:
        """Make the first puzzles of the training part of a family."""
        family, codec = grid_family(name), GridCodec.of(name)
        drawn = list(islice(stream(family, SupplyPart.TRAIN, seed=seed), count))
        generator = random.Random(f"equilibrium: symmetries {seed}")
        drawn_symmetries = [family.symmetry(generator) for _ in range(SYMMETRIES)]
        symbols = torch.tensor([images for _, images in drawn_symmetries])
        # In Sudoku a mark is a digit, counted from 0, where symbols begin with the empty cell.
        marks = symbols[:, 1:] - 1 if isinstance(family, SudokuFamily) else symbols
        return cls(
            puzzles=codec.puzzles([each.puzzle for each in drawn]),
            solutions=codec.solutions([each.solution for each in drawn]),
            places=torch.tensor([places for places, _ in drawn_symmetries]),
            symbols=symbols,
            marks=marks,
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the puzzles and their solutions."""
        return hashlib.sha256(repr([self.puzzles.tolist(), self.solutions.tolist()]).encode()).hexdigest()

    def draw(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw images of puzzles with their solutions, int64 [count, L] each."""
        rows = torch.randint(len(self.puzzles), (count,), generator=generator)
        images = torch.randint(len(self.places), (count,), generator=generator)
        places = self.places[images]
        puzzles = self.puzzles[rows].gather(1, places)
        solutions = self.solutions[rows].gather(1, places)
        return self.symbols[images].gather(1, puzzles), self.marks[images].gather(1, solutions)
