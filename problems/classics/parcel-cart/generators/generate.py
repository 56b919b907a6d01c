"""Make the secret inputs of Parcel Cart."""

import random
from collections.abc import Iterator

Place = tuple[int, int]


def below(rng: random.Random, bound: int) -> int:
    """Draw an integer from 0 to `bound` - 1."""
    return int(rng.random() * bound)


def encode(rows: list[list[str]]) -> bytes:
    """Write one input."""
    return "".join([f"{len(rows)} {len(rows[0])}\n", *("".join(row) + "\n" for row in rows)]).encode()


def reachable(rows: list[list[str]], gate: Place) -> list[Place]:
    """Return the cells other than the gate that can be reached from it, the nearest first."""
    h, w = len(rows), len(rows[0])
    reached = {gate}
    order = [gate]
    for i, j in order:
        for y, x in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
            if 0 <= y < h and 0 <= x < w and rows[y][x] != "#" and (y, x) not in reached:
                reached.add((y, x))
                order.append((y, x))
    return order[1:]


def drop(rng: random.Random, rows: list[list[str]], gate: Place, parcels: int, far: float = 0.0) -> bytes:
    """Put the gate and parcels into cells that can be reached, but none into the nearest share `far`."""
    y, x = gate
    rows[y][x] = "G"
    places = reachable(rows, gate)
    places = places[int(far * len(places)) :]
    for i, j in rng.sample(places, min(parcels, len(places))):
        rows[i][j] = "*"
    return encode(rows)


def open_space(rng: random.Random, h: int, w: int, parcels: int, walls: float, far: float = 0.0) -> bytes:
    """Draw walls anywhere and the gate in the middle."""
    rows = [["#" if rng.random() < walls else "." for _ in range(w)] for _ in range(h)]
    return drop(rng, rows, (h // 2, w // 2), parcels, far)


def corner(rng: random.Random, h: int, w: int, parcels: int, walls: float) -> bytes:
    """Draw walls anywhere, put the gate in a corner and all parcels far away."""
    rows = [["#" if rng.random() < walls else "." for _ in range(w)] for _ in range(h)]
    return drop(rng, rows, (0, 0), parcels, 0.8)


def snake(rng: random.Random, h: int, w: int, parcels: int) -> bytes:
    """Let one long aisle wind through the whole grid."""
    rows = [["."] * w for _ in range(h)]
    for i in range(1, h, 2):
        rows[i] = ["#"] * w
        rows[i][w - 1 if i % 4 == 1 else 0] = "."
    return drop(rng, rows, (below(rng, h // 2) * 2, 0), parcels)


def aisles(rng: random.Random, h: int, w: int, parcels: int) -> bytes:
    """Let dead ends run down from an aisle along the top."""
    rows = [["." if i == 0 or j % 2 == 0 else "#" for j in range(w)] for i in range(h)]
    return drop(rng, rows, (0, w // 4 * 2), parcels, 0.3)


def clusters(rng: random.Random, side: int, sizes: list[int]) -> bytes:
    """Put groups of parcels round the edge of an open grid, in turn in another direction."""
    rows = [["."] * side for _ in range(side)]
    middle = side // 2
    for number, size in enumerate(sizes):
        y, x = [(1, middle), (middle, side - 2), (side - 2, middle), (middle, 1), (1, 1)][number]
        for k in range(size):
            rows[y + k // 3 % 2][x + k % 3 - 1] = "*"
    rows[middle][middle] = "G"
    return encode(rows)


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases with so few parcels that all divisions can be tried."""
    yield "01-nothing", b"1 1\nG\n"
    yield "02-one", b"1 3\n*.G\n"
    yield "03-two-sides", b"1 5\n*.G.*\n"
    yield "04-wall", b"3 3\nG#*\n.#.\n...\n"
    yield "05-four", b"1 7\nG.*.***\n"
    yield "06-seven", b"3 6\n****..\n#####.\n***.G.\n"
    yield "07-open", open_space(rng, 5, 5, 5, 0.0)
    yield "08-walls", open_space(rng, 6, 6, 6, 0.25)
    yield "09-snake", snake(rng, 7, 5, 5)
    yield "10-aisles", aisles(rng, 5, 9, 7)
    yield "11-clusters", clusters(rng, 9, [2, 2, 2])
    yield "12-corner", corner(rng, 8, 11, 4, 0.2)
    yield "13-walls", open_space(rng, 10, 10, 8, 0.3)
    yield "14-full", open_space(rng, 9, 12, 8, 0.1)
    yield "15-aisles", aisles(rng, 9, 15, 8)
    yield "16-clusters", clusters(rng, 13, [4, 2, 1, 1])
    yield "17-open", open_space(rng, 15, 15, 7, 0.0, 0.5)
    yield "18-snake", snake(rng, 15, 17, 8)
    yield "19-walls", open_space(rng, 20, 20, 8, 0.35)
    yield "20-corner", corner(rng, 22, 22, 7, 0.1)
    yield "21-clusters", clusters(rng, 25, [1, 3, 2, 2])
    yield "22-aisles", aisles(rng, 25, 31, 8)
    yield "23-walls", open_space(rng, 30, 33, 8, 0.3, 0.6)
    yield "24-snake", snake(rng, 35, 35, 8)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61008)
    yield from small_cases(rng)
    yield "25-open", open_space(rng, 40, 40, 14, 0.0)
    yield "26-walls", open_space(rng, 45, 50, 15, 0.3, 0.5)
    yield "27-clusters", clusters(rng, 51, [4, 4, 4, 2, 1])
    yield "28-aisles", aisles(rng, 59, 59, 15)
    yield "29-snake", snake(rng, 60, 60, 15)
    yield "30-corner", corner(rng, 60, 60, 15, 0.1)
    yield "31-walls", open_space(rng, 60, 60, 15, 0.37)
    yield "32-open", open_space(rng, 60, 60, 15, 0.0, 0.7)
