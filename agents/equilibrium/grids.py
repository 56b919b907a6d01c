"""Grids as tensors: the places of symbols in the alphabets of their family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...problems.families.puzzles import GridFamily, grid_family


@dataclass(frozen=True)
class GridCodec:
    """Translates the grids of one family."""

    family: GridFamily

    @classmethod
    def of(cls, name: str) -> GridCodec:
        """Return the codec of a family; ValueError if there is no such family."""
        return cls(grid_family(name))

    @property
    def cells(self) -> int:
        """Number of cells of a grid."""
        return self.family.columns**2

    def puzzles(self, texts: Sequence[str]) -> Tensor:
        """Return puzzles as int64 [B, L].

        Raises:
            ValueError: A text is no grid of this family.
        """
        return self._encoded(texts, self.family.symbols)

    def solutions(self, texts: Sequence[str]) -> Tensor:
        """Return solutions as int64 [B, L]; errors as for `puzzles`."""
        return self._encoded(texts, self.family.marks)

    def text(self, marks: Tensor) -> str:
        """Return the text of a solution, int64 [L]."""
        columns, symbols = self.family.columns, [self.family.marks[mark] for mark in marks.tolist()]
        rows = range(0, len(symbols), columns)
        return "".join("".join(symbols[start : start + columns]) + "\n" for start in rows)

    def fits(self, text: str) -> bool:
        """Return whether a text is a puzzle in form: square, of the right size, of known symbols."""
        rows, columns = text.split(), self.family.columns
        return len(rows) == columns and all(
            len(row) == columns and not set(row) - set(self.family.symbols) for row in rows
        )

    def _encoded(self, texts: Sequence[str], alphabet: str) -> Tensor:
        rows = []
        for text in texts:
            cells = "".join(text.split())
            if len(cells) != self.cells or set(cells) - set(alphabet):
                raise ValueError(
                    f"a grid of {self.family.name} has {self.cells} of {alphabet!r}, got {text!r}"
                )
            rows.append([alphabet.index(cell) for cell in cells])
        return torch.tensor(rows, dtype=torch.int64).reshape(len(texts), self.cells)
