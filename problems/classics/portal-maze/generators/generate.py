"""Make the secret inputs of Portal Maze."""

import random
from collections.abc import Callable, Iterator

Draw = Callable[[int, int], str]


def encode(rows: list[str]) -> bytes:
    """Write one input."""
    return f"{len(rows)} {len(rows[0])}\n{''.join(row + chr(10) for row in rows)}".encode()


def maze(h: int, w: int, draw: Draw) -> list[str]:
    """Draw every cell but the first and the last, which stay empty."""
    ends = {(0, 0), (h - 1, w - 1)}
    return ["".join("." if (r, c) in ends else draw(r, c) for c in range(w)) for r in range(h)]


ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def mixed(seed: int, h: int, w: int, walls: float, portals: float, letters: str = ALPHABET) -> bytes:
    """Draw cells independently, with these shares of walls and portals."""
    rng = random.Random(seed)

    def draw(_r: int, _c: int) -> str:
        kind = rng.random()
        if kind < walls:
            return "#"
        return letters[int(rng.random() * len(letters))] if kind < walls + portals else "."

    return encode(maze(h, w, draw))


def snake(h: int, w: int, pairs: int = 0, seed: int = 0) -> bytes:
    """Make one long winding way, with `pairs` pairs of portals along it that shorten it."""
    rng = random.Random(seed)
    rows = [
        ["." if r % 2 == 0 or c == (w - 1 if r % 4 == 1 else 0) else "#" for c in range(w)] for r in range(h)
    ]
    for pair in range(pairs):
        for _ in range(2):
            rows[2 * int(rng.random() * (h // 2))][int(rng.random() * w)] = chr(97 + pair)
    rows[h - 1] = ["."] * w
    return encode(["".join(row) for row in rows])


def islands(seed: int, h: int, w: int, bands: int) -> bytes:
    """Cut the maze into bands that only portals connect, one letter from each band to the next."""
    rng = random.Random(seed)
    height = h // bands
    rows = [["#" if r % height == height - 1 and r < h - 1 else "." for _ in range(w)] for r in range(h)]
    for band in range(bands - 1):
        for side in (0, 1):
            row = (band + side) * height + int(rng.random() * (height - 1))
            rows[row][int(rng.random() * w)] = chr(97 + band)
    return encode(["".join(row) for row in rows])


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-one-cell", encode(["."])
    yield "02-portal-cell", encode(["a"])
    yield "03-next", encode(["aa"])
    yield "04-row", encode([".a..a."])
    yield "05-wall", encode([".#", "#."])
    yield "06-dear-portal", encode(["a..b", "####", "b..a"])
    yield "07-three-of-a-kind", encode([".a#a#", "##a#.", "####a"])
    yield "08-useless", encode(["a.#..", "..#a.", "..#..", "....."])
    yield "09-around-the-edge", encode(["..#..", ".###.", "..#.."])
    yield "10-mixed", mixed(10, 5, 6, 0.3, 0.3, "ab")
    yield "11-mixed", mixed(11, 6, 8, 0.4, 0.2, "abc")
    yield "12-snake", snake(9, 7)
    yield "13-islands", islands(13, 12, 6, 4)
    yield "14-mixed", mixed(14, 10, 10, 0.4, 0.1)
    yield "15-no-portals", mixed(15, 11, 10, 0.25, 0.0)
    yield "16-snake-portals", snake(13, 10, 3, 16)
    yield "17-walls", mixed(17, 12, 12, 0.6, 0.2)
    yield "18-islands", islands(18, 20, 9, 5)
    yield "19-mixed", mixed(19, 15, 15, 0.35, 0.05)
    yield "20-portals", mixed(20, 14, 18, 0.2, 0.7, "abcdefgh")
    yield "21-snake-portals", snake(21, 16, 4, 21)
    yield "22-mixed", mixed(22, 20, 19, 0.4, 0.15, "abcde")
    yield "23-islands", islands(23, 40, 12, 8)
    yield "24-one-letter", mixed(24, 20, 25, 0.3, 0.4, "q")
    yield "25-one-letter", mixed(25, 400, 400, 0.1, 0.9, "z")
    yield "26-few-letters", mixed(26, 300, 300, 0.3, 0.6, "xyz")
    yield "27-snake-and-portals", snake(399, 400, 0).replace(b"." * 390, b"p" * 390, 70)
    yield "28-two-letters", mixed(28, 390, 200, 0.45, 0.5, "uv")
    yield "29-islands", islands(29, 400, 120, 25)
    yield "30-dense", mixed(30, 250, 250, 0.2, 0.8, "a")
    yield "31-empty-with-portals", mixed(31, 400, 400, 0.0, 0.3, "abc")
    yield "32-two-letters", mixed(32, 350, 350, 0.2, 0.6, "mn")
