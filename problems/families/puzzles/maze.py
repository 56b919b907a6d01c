"""Mazes with exactly one shortest path from S to G."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass

from ...model import Difficulty

WALL, FREE, START, GOAL, PATH = "#", ".", "S", "G", "o"


@dataclass(frozen=True)
class MazeFamily:
    """Square mazes of one size.

    Args:
        size: Number of rows and columns, an odd number; the rooms are the cells with odd row and column.
    """

    size: int

    @property
    def name(self) -> str:
        """Name of the family, for example `maze-9`."""
        return f"maze-{self.size}"

    @property
    def title(self) -> str:
        """Title of the problems."""
        return f"Shortest path {self.size} x {self.size}"

    @property
    def columns(self) -> int:
        """Number of columns; there are as many rows."""
        return self.size

    @property
    def symbols(self) -> str:
        """Characters of a puzzle."""
        return WALL + FREE + START + GOAL

    @property
    def marks(self) -> str:
        """Characters of a solution."""
        return WALL + FREE + START + GOAL + PATH

    @property
    def rules(self) -> str:
        """The task in words."""
        return (
            f"A maze of {self.size} x {self.size} cells has walls (`#`), free cells (`.`), a start `S` and a "
            "goal `G`. Steps go up, down, left or right, and not through walls. Mark the free cells of the "
            "shortest path from `S` to `G` with `o`; all other cells stay. There is exactly one such path."
        )

    def make(self, generator: random.Random, level: int) -> tuple[str, str]:
        """Return a maze and its solution.

        Args:
            generator: Source of all choices.
            level: 0 for a maze without loops, 1 and 2 for more and more loops.
        """
        while True:
            rows = self._carved(generator, loops=level * (self.size // 4))
            rooms = [(row, column) for row in range(1, self.size, 2) for column in range(1, self.size, 2)]
            start, goal = generator.sample(rooms, 2)
            rows[start[0]][start[1]], rows[goal[0]][goal[1]] = START, GOAL
            maze = _text(rows)
            if self.count_solutions(maze) == 1 and _distances(maze, START)[goal] > 2:
                return maze, self.solve(maze)

    def _carved(self, generator: random.Random, *, loops: int) -> list[list[str]]:
        """Return a random maze in which every room can be reached, with some walls removed to make loops."""
        size = self.size
        rows = [[WALL] * size for _ in range(size)]
        stack = [(generator.randrange(1, size, 2), generator.randrange(1, size, 2))]
        rows[stack[0][0]][stack[0][1]] = FREE
        while stack:
            # Mostly the newest room, which makes long corridors; sometimes another, which makes branches.
            place = -1 if generator.randrange(4) else generator.randrange(len(stack))
            row, column = stack[place]
            closed = [
                (down, right)
                for down, right in ((2, 0), (-2, 0), (0, 2), (0, -2))
                if 0 < row + down < size and 0 < column + right < size
                if rows[row + down][column + right] == WALL
            ]
            if not closed:
                stack.pop(place)
                continue
            down, right = generator.choice(closed)
            rows[row + down // 2][column + right // 2] = rows[row + down][column + right] = FREE
            stack.append((row + down, column + right))
        walls = [
            (row, column)
            for row in range(1, size - 1)
            for column in range(1, size - 1)
            if (row + column) % 2 and rows[row][column] == WALL
        ]
        for row, column in generator.sample(walls, min(loops, len(walls))):
            rows[row][column] = FREE
        return rows

    def count_solutions(self, maze: str) -> int:
        """Return the number of shortest paths from S to G, at most 2; 0 if there is no path."""
        distances = _distances(maze, START)
        counts = dict.fromkeys(distances, 0)
        for cell, distance in distances.items():  # in the order of distances
            if distance == 0:
                counts[cell] = 1
            before = [counts[near] for near in _near(cell) if distances.get(near) == distance - 1]
            counts[cell] = min(2, counts[cell] + sum(before))
        return counts.get(_find(maze, GOAL), 0)

    def solve(self, maze: str) -> str:
        """Return the maze with the cells of a shortest path marked.

        Raises:
            ValueError: There is no path.
        """
        distances = _distances(maze, START)
        cell = _find(maze, GOAL)
        if cell not in distances:
            raise ValueError(f"the maze has no path from S to G:\n{maze}")
        rows = [list(row) for row in maze.split()]
        while distances[cell] > 1:
            cell = next(near for near in _near(cell) if distances.get(near) == distances[cell] - 1)
            rows[cell[0]][cell[1]] = PATH
        return _text(rows)

    def grade(self, puzzle: str, solution: str) -> Difficulty:
        """Return `easy` for paths of up to 2/3 of the size in steps, `hard` above 5/4 of the size."""
        steps = solution.count(PATH) + 1
        if 3 * steps <= 2 * self.size:
            return Difficulty.EASY
        return Difficulty.HARD if 4 * steps > 5 * self.size else Difficulty.MEDIUM

    def key(self, puzzle: str) -> int:
        """Return a number that is equal exactly for mazes that turns, reflections and exchanging S and G map
        onto each other (up to collisions of SHA-256)."""
        swap = str.maketrans({START: GOAL, GOAL: START})
        images = []
        rows = puzzle.split()
        for _ in range(4):
            rows = ["".join(column) for column in zip(*rows[::-1], strict=True)]
            for image in (rows, rows[::-1]):
                text = "\n".join(image)
                images += [text, text.translate(swap)]
        return int.from_bytes(hashlib.sha256(min(images).encode()).digest()[:8], "little")

    def symmetry(self, generator: random.Random) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Draw a symmetry: the source of each cell of the image, and the image of each symbol."""
        size, turn, flip = self.size, generator.randrange(2), (generator.randrange(2), generator.randrange(2))
        places = []
        for row in range(size):
            for column in range(size):
                a = size - 1 - row if flip[0] else row
                b = size - 1 - column if flip[1] else column
                places.append(b * size + a if turn else a * size + b)
        return tuple(places), tuple(range(len(self.marks)))


Place = tuple[int, int]


def _text(rows: list[list[str]]) -> str:
    return "".join("".join(row) + "\n" for row in rows)


def _near(cell: Place) -> Iterator[Place]:
    row, column = cell
    yield from ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))


def _find(maze: str, symbol: str) -> Place:
    return next((row, line.index(symbol)) for row, line in enumerate(maze.split()) if symbol in line)


def _distances(maze: str, symbol: str) -> dict[Place, int]:
    """Return the distances of all cells that can be reached from a symbol, in increasing order."""
    rows = maze.split()
    distances = {_find(maze, symbol): 0}
    wave = list(distances)
    while wave:
        further = []
        for cell in wave:
            for row, column in _near(cell):
                inside = 0 <= row < len(rows) and 0 <= column < len(rows)
                if inside and rows[row][column] != WALL and (row, column) not in distances:
                    distances[row, column] = distances[cell] + 1
                    further.append((row, column))
        wave = further
    return distances
