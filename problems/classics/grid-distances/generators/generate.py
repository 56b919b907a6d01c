"""Make the secret inputs of Grid Distances."""

import random
from collections.abc import Iterator

Cell = tuple[int, int]


def encode(rows: list[str] | list[list[str]]) -> bytes:
    """Write one input."""
    return "".join([f"{len(rows)} {len(rows[0])}\n", *("".join(row) + "\n" for row in rows)]).encode()


def open_map(height: int, width: int, start: Cell, target: Cell) -> list[list[str]]:
    """No walls at all."""
    grid = [["."] * width for _ in range(height)]
    grid[start[0]][start[1]] = "S"
    grid[target[0]][target[1]] = "T"
    return grid


def noise(seed: int, height: int, width: int, walls: float, start: Cell, target: Cell) -> bytes:
    """Walls with the given probability, each cell by itself."""
    rng = random.Random(seed)
    grid = [["#" if rng.random() < walls else "." for _ in range(width)] for _ in range(height)]
    grid[start[0]][start[1]] = "S"
    grid[target[0]][target[1]] = "T"
    return encode(grid)


def snake(height: int, width: int, *, blocked: bool = False) -> bytes:
    """One corridor to and fro from the lower right corner; blocked leaves no way at its end."""
    grid = open_map(height, width, (height - 1, width - 1), (0, 0))
    for row in range(1, height, 2):
        gap = 0 if row // 2 % 2 else width - 1
        grid[row] = ["." if column == gap and not (blocked and row == 1) else "#" for column in range(width)]
    if height % 2 == 0:
        grid[height - 1] = [*["#"] * (width - 1), "S"]
    return encode(grid)


def maze(seed: int, height: int, width: int, extra: int) -> bytes:
    """A random spanning tree of corridors with `extra` more openings; ends in opposite corners."""
    rng = random.Random(seed)
    grid = [["#"] * width for _ in range(height)]
    grid[0][0] = "."
    stack = [(0, 0)]
    while stack:
        row, column = stack[-1]
        ahead = [
            (row + 2 * down, column + 2 * right, row + down, column + right)
            for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0))
            if 0 <= row + 2 * down < height
            and 0 <= column + 2 * right < width
            and grid[row + 2 * down][column + 2 * right] == "#"
        ]
        if not ahead:
            stack.pop()
            continue
        row, column, wall_row, wall_column = rng.choice(ahead)
        grid[wall_row][wall_column] = grid[row][column] = "."
        stack.append((row, column))
    for _ in range(extra):
        grid[rng.randrange(height)][rng.randrange(width)] = "."
    grid[(height - 1) // 2 * 2][(width - 1) // 2 * 2] = "S"
    grid[0][0] = "T"
    return encode(grid)


def closed_in(height: int, width: int) -> bytes:
    """An open map whose target is walled in."""
    grid = open_map(height, width, (height - 1, 0), (height // 2, width // 2))
    for row in range(height // 2 - 1, height // 2 + 2):
        for column in range(width // 2 - 1, width // 2 + 2):
            if grid[row][column] == ".":
                grid[row][column] = "#"
    return encode(grid)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-neighbours", encode(["TS"])
    yield "02-corner", encode(["S.", "#T"])
    yield "03-wall-between", encode(["S#T"])
    yield "04-column", encode(["T", ".", ".", ".", "S"])
    yield "05-edges-do-not-meet", encode(["S##", "..#", "#..", "##T"])
    yield "06-around-the-edge", encode(["S.#T", "#.#.", "#...", "####"])
    yield "07-diagonal-walls", encode(["S#..", "#...", "...T"])
    yield "08-two-ways", encode([".......", ".#####.", "S....#T", ".####..", "......."])
    yield "09-open", encode(open_map(8, 9, (6, 1), (1, 7)))
    yield "10-noise", noise(10, 11, 13, 0.25, (10, 12), (0, 0))
    yield "11-snake", snake(13, 12)
    yield "12-maze", maze(12, 15, 15, 6)
    yield "13-open", encode(open_map(16, 15, (0, 0), (15, 14)))
    yield "14-snake-blocked", snake(21, 20, blocked=True)
    yield "15-maze", maze(15, 29, 25, 20)
    yield "16-snake", snake(45, 46)
    yield "17-noise", noise(17, 60, 55, 0.3, (59, 54), (0, 0))
    yield "18-snake", snake(300, 301)
    yield "19-closed-in", closed_in(330, 320)
    yield "20-maze", maze(20, 349, 351, 700)
    yield "21-noise", noise(21, 450, 420, 0.35, (440, 410), (3, 2))
    yield "22-snake-blocked", snake(499, 499, blocked=True)
    yield "23-open", encode(open_map(500, 500, (499, 499), (0, 0)))
    yield "24-maze", maze(24, 499, 500, 300)
    yield "25-snake", snake(500, 500)
    yield "26-dead-end", encode(["S..", "##.", "T##"])
    yield "27-row", encode(["S....T"])
    yield "28-open", encode(open_map(5, 4, (4, 0), (0, 3)))
    yield "29-noise", noise(29, 9, 8, 0.3, (0, 0), (8, 7))
    yield "30-maze", maze(30, 11, 9, 3)
    yield "31-closed-in", closed_in(24, 20)
    yield "32-noise", noise(32, 40, 44, 0.25, (39, 43), (0, 1))
