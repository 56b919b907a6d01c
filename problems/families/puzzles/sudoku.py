"""Sudoku of the sizes 4, 6 and 9: exact search, grades, generation, and a key for symmetric puzzles."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ...model import Difficulty

Cells = tuple[int, ...]
"""Digits of a grid, row by row; 0 is an empty cell."""
_MASK = (1 << 64) - 1
_ROUNDS = 4
"""Rounds of colour refinement."""
ROUNDS = {4: (2, 3), 6: (4, 7)}
"""Most rounds of naked singles of an easy and of a medium puzzle, by size."""


@dataclass(frozen=True)
class SudokuFamily:
    """Sudoku puzzles of one size.

    Args:
        size: Number of rows, columns and digits.
        box_height: Rows of a box.
        box_width: Columns of a box; `box_height * box_width` is the size.
    """

    size: int
    box_height: int
    box_width: int

    @property
    def name(self) -> str:
        """Name of the family, for example `sudoku-4`."""
        return f"sudoku-{self.size}"

    @property
    def title(self) -> str:
        """Title of the problems."""
        return f"Sudoku {self.size} x {self.size}"

    @property
    def columns(self) -> int:
        """Number of columns; there are as many rows."""
        return self.size

    @property
    def symbols(self) -> str:
        """Characters of a puzzle."""
        return "." + self.digits

    @property
    def digits(self) -> str:
        """Characters of a solution."""
        return "123456789"[: self.size]

    @property
    def marks(self) -> str:
        """Characters of a solution."""
        return self.digits

    @property
    def rules(self) -> str:
        """The task in words."""
        boxes = f"{self.box_height} rows by {self.box_width} columns"
        return (
            f"Fill the empty cells (`.`) of a grid of {self.size} x {self.size} cells with the digits 1 to "
            f"{self.size}. Each row, each column and each box holds every digit once. The boxes have {boxes} "
            "and tile the grid from its upper left corner. The given digits stay. There is exactly one "
            "solution."
        )

    @cached_property
    def units(self) -> tuple[Cells, ...]:
        """The cells of each row, each column and each box, in this order."""
        size, found = self.size, []
        for cells_of in (self._row, self._column, self._box):
            found += [
                tuple(cell for cell in range(size * size) if cells_of(cell) == unit) for unit in range(size)
            ]
        return tuple(found)

    @cached_property
    def units_of(self) -> tuple[tuple[int, int, int], ...]:
        """The numbers of the row, column and box of each cell, as places in `units`."""
        size = self.size
        return tuple(
            (self._row(cell), size + self._column(cell), 2 * size + self._box(cell))
            for cell in range(size * size)
        )

    def _row(self, cell: int) -> int:
        return cell // self.size

    def _column(self, cell: int) -> int:
        return cell % self.size

    def _box(self, cell: int) -> int:
        return self._row(cell) // self.box_height * self.box_height + self._column(cell) // self.box_width

    def read(self, text: str) -> Cells:
        """Return the digits of a grid in its text form; `.` becomes 0."""
        return tuple(self.symbols.index(character) for line in text.split() for character in line)

    def write(self, cells: Sequence[int]) -> str:
        """Return the text form of a grid: one line for each row."""
        size = self.size
        return "".join(
            "".join(self.symbols[digit] for digit in cells[row : row + size]) + "\n"
            for row in range(0, size * size, size)
        )

    def solutions(
        self, puzzle: Sequence[int], *, most: int = 2, order: random.Random | None = None
    ) -> list[Cells]:
        """Search exhaustively for solutions.

        Args:
            puzzle: Digits, 0 for empty cells.
            most: Number of solutions after which the search stops. With 2, a result of one solution proves
                that there is no other.
            order: Generator that shuffles the order of the digits; None tries the smallest digit first.
        """
        used = [0] * (3 * self.size)
        cells = list(puzzle)
        for cell, digit in enumerate(cells):
            if digit and not _claim(used, self.units_of[cell], 1 << digit):
                return []
        blanks = [cell for cell, digit in enumerate(cells) if not digit]
        found: list[Cells] = []
        self._search(cells, used, blanks, (found, most, order))
        return found

    def _search(
        self,
        cells: list[int],
        used: list[int],
        blanks: list[int],
        target: tuple[list[Cells], int, random.Random | None],
    ) -> None:
        """Extend a partial grid in all ways; the cell with the fewest candidates comes first."""
        found, most, order = target
        if not blanks:
            found.append(tuple(cells))
            return
        full, units_of = (2 << self.size) - 2, self.units_of
        place, options, fewest = 0, 0, self.size + 1
        for index, cell in enumerate(blanks):
            a, b, c = units_of[cell]
            free = full & ~(used[a] | used[b] | used[c])
            count = free.bit_count()
            if count < fewest:
                place, options, fewest = index, free, count
                if count <= 1:
                    break
        cell = blanks.pop(place)
        a, b, c = units_of[cell]
        digits = [digit for digit in range(1, self.size + 1) if options >> digit & 1]
        if order is not None:
            order.shuffle(digits)
        for digit in digits:
            bit = 1 << digit
            cells[cell] = digit
            used[a] |= bit
            used[b] |= bit
            used[c] |= bit
            self._search(cells, used, blanks, target)
            used[a] ^= bit
            used[b] ^= bit
            used[c] ^= bit
            if len(found) >= most:
                break
        cells[cell] = 0
        blanks.insert(place, cell)

    def deduce(self, puzzle: Sequence[int], *, hidden: bool, rounds: int | None = None) -> Cells:
        """Fill in all cells that follow from single candidates, without trying anything.

        Args:
            puzzle: Digits, 0 for empty cells.
            hidden: Whether to use also digits that have a single place left in a unit.
            rounds: Largest number of rounds; each fills in all cells that follow at once. None is unlimited.
        """
        cells, used = list(puzzle), [0] * (3 * self.size)
        for cell, digit in enumerate(cells):
            if digit:
                _claim(used, self.units_of[cell], 1 << digit)
        blanks = {cell for cell, digit in enumerate(cells) if not digit}
        while blanks and rounds != 0:
            rounds = None if rounds is None else rounds - 1
            forced = self._naked(blanks, used) or (self._hidden(blanks, used) if hidden else {})
            if not forced:
                break
            for cell, digit in forced.items():
                # A puzzle without a solution may force one digit twice.
                if _claim(used, self.units_of[cell], 1 << digit):
                    cells[cell] = digit
                blanks.discard(cell)
        return tuple(cells)

    def _free(self, cell: int, used: Sequence[int]) -> int:
        a, b, c = self.units_of[cell]
        return ((2 << self.size) - 2) & ~(used[a] | used[b] | used[c])

    def _naked(self, blanks: set[int], used: Sequence[int]) -> dict[int, int]:
        free = {cell: self._free(cell, used) for cell in blanks}
        return {cell: mask.bit_length() - 1 for cell, mask in free.items() if mask and not mask & mask - 1}

    def _hidden(self, blanks: set[int], used: Sequence[int]) -> dict[int, int]:
        forced: dict[int, int] = {}
        for unit in self.units:
            once = more = 0
            free = [(cell, self._free(cell, used)) for cell in unit if cell in blanks]
            for _, mask in free:
                more |= once & mask
                once |= mask
            single = once & ~more
            forced |= {cell: (mask & single).bit_length() - 1 for cell, mask in free if mask & single}
        return forced

    def grade(self, puzzle: str, solution: str) -> Difficulty:
        """Return the difficulty of a puzzle.

        Of size 9: `easy` if naked singles (cells with one candidate) solve it, `medium` if naked and hidden
        singles (digits with one place in a unit) do, otherwise `hard`. Smaller puzzles need little else than
        naked singles, so they are graded by the rounds of filling in all naked singles at once, with the
        bounds in `ROUNDS`.
        """
        cells = self.read(puzzle)
        if self.size in ROUNDS:
            rounds = self._rounds(cells)
            levels = zip(ROUNDS[self.size], (Difficulty.EASY, Difficulty.MEDIUM), strict=True)
            return next((level for most, level in levels if rounds <= most), Difficulty.HARD)
        for difficulty, hidden in ((Difficulty.EASY, False), (Difficulty.MEDIUM, True)):
            if 0 not in self.deduce(cells, hidden=hidden):
                return difficulty
        return Difficulty.HARD

    def _rounds(self, puzzle: Sequence[int]) -> float:
        """Return the rounds of naked singles that solve a puzzle; infinity if they do not."""
        cells, rounds = tuple(puzzle), 0
        while 0 in cells:
            before, cells = cells, self.deduce(cells, hidden=False, rounds=1)
            if cells == before:
                return math.inf
            rounds += 1
        return rounds

    def make(self, generator: random.Random, level: int) -> tuple[str, str]:
        """Return a puzzle and its only solution.

        Args:
            generator: Source of all choices.
            level: Cells are emptied while naked singles (0), all singles (1), or a search (2) find the
                solution.
        """
        (solution,) = self.solutions([0] * self.size**2, most=1, order=generator)
        puzzle = list(solution)
        cells = list(range(len(puzzle)))
        generator.shuffle(cells)
        # Some puzzles keep more clues than they need, so that the number of clues varies within a grade.
        spare = generator.choice((0, 0, self.size // 2, self.size))
        removed = [cell for cell in cells if self._removed(puzzle, cell, level)]
        for cell in removed[len(removed) - min(spare, len(removed)) :]:
            puzzle[cell] = solution[cell]
        return self.write(puzzle), self.write(solution)

    def _removed(self, puzzle: list[int], cell: int, level: int) -> bool:
        """Remove a digit if the level allows the puzzle without it; return whether it was removed."""
        digit, puzzle[cell] = puzzle[cell], 0
        if level < 2:
            kept = 0 not in self.deduce(puzzle, hidden=level == 1)
        else:
            kept = len(self.solutions(puzzle)) == 1
        if not kept:
            puzzle[cell] = digit
        return kept

    def count_solutions(self, puzzle: str) -> int:
        """Return the number of solutions, at most 2."""
        return len(self.solutions(self.read(puzzle)))

    def key(self, puzzle: str) -> int:
        """Return a number that is equal for puzzles that are images of each other.

        The images are made by exchanging digits, rows of a band, columns of a stack, bands, stacks, and rows
        with columns. The number comes from colour refinement on cells, lines, boxes and digits: sums over
        neighbours do not depend on their order, so a symmetry cannot change it. Different puzzles may rarely
        share a number; they are then in the same part, which is harmless.
        """
        cells = self.read(puzzle)
        colours = [_mix(1 + bool(digit)) for digit in cells]
        size = self.size
        for _ in range(_ROUNDS):
            sums = [0] * (3 * size)
            digits = [0] * (size + 1)
            for cell, colour in enumerate(colours):
                for unit in self.units_of[cell]:
                    sums[unit] += _mix(colour)
                digits[cells[cell]] += _mix(colour + 3)
            digits[0] = 0
            lines = [_mix(total * 3 + (5 if unit < 2 * size else 7)) for unit, total in enumerate(sums)]
            colours = [
                _mix(colour * 5 + lines[a] + lines[b] + _mix(lines[c]) + _mix(digits[cells[cell]] + 11))
                for cell, (colour, (a, b, c)) in enumerate(zip(colours, self.units_of, strict=True))
            ]
        return _mix(sum(map(_mix, colours)))

    def symmetry(self, generator: random.Random) -> tuple[Cells, Cells]:
        """Draw a symmetry: for each cell of the image the cell it comes from, and the image of each digit.

        Digit 0 stands for an empty cell and stays.
        """
        rows = _shuffled_lines(self.size, self.box_height, generator)
        columns = _shuffled_lines(self.size, self.box_width, generator)
        places = [row * self.size + column for row in rows for column in columns]
        if self.box_height == self.box_width and generator.randrange(2):
            places = [places[column * self.size + row] for row, column in self._places()]
        digits = list(range(1, self.size + 1))
        generator.shuffle(digits)
        return tuple(places), (0, *digits)

    def _places(self) -> list[tuple[int, int]]:
        return [(row, column) for row in range(self.size) for column in range(self.size)]


def _claim(used: list[int], units: tuple[int, int, int], bit: int) -> bool:
    """Mark a digit as used in the units of a cell; return False if one of them has it already."""
    if any(used[unit] & bit for unit in units):
        return False
    for unit in units:
        used[unit] |= bit
    return True


def _shuffled_lines(size: int, block: int, generator: random.Random) -> list[int]:
    """Return the lines 0..size-1 with whole blocks exchanged, and lines exchanged within their block."""
    blocks = [list(range(start, start + block)) for start in range(0, size, block)]
    generator.shuffle(blocks)
    for lines in blocks:
        generator.shuffle(lines)
    return [line for lines in blocks for line in lines]


def _mix(value: int) -> int:
    """Return 64 well-mixed bits of a number.

    References:
        The finalizer of SplitMix64.
    """
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _MASK
    return value ^ value >> 31
