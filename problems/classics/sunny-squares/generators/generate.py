"""Make the secret inputs of Sunny Squares."""

import random
from collections.abc import Callable, Iterator

Digit = Callable[[int, int], int]


def encode(h: int, w: int, k: int, s: int, digit: Digit) -> bytes:
    """Write one input."""
    rows = ("".join(str(digit(r, c)) for c in range(w)) for r in range(h))
    return f"{h} {w} {k} {s}\n{''.join(row + chr(10) for row in rows)}".encode()


def drawn(rng: random.Random, low: int = 0, high: int = 9) -> Digit:
    """Draw each digit by itself."""
    return lambda _r, _c: low + int(rng.random() * (high + 1 - low))


def noise(rng: random.Random, h: int, w: int, k: int, shift: int = 0) -> bytes:
    """Draw a garden whose squares get about as much sun as is wanted."""
    return encode(h, w, k, max(0, k * k * 9 // 2 + shift), drawn(rng))


def slope(h: int, w: int, k: int, s: int) -> bytes:
    """Let the sun increase from the top left to the bottom right."""
    return encode(h, w, k, s, lambda r, c: 9 * (r + c) // (h + w))


def stripes(h: int, w: int, k: int, s: int, down: bool) -> bytes:
    """Give each column, or each row, one digit."""
    return encode(h, w, k, s, lambda r, c: (c if down else r) * 7 % 10)


def corner(h: int, w: int, k: int, place: tuple[int, int]) -> bytes:
    """Let only the square at one place get all the sun there is."""
    top, left = place
    return encode(h, w, k, 9 * k * k, lambda r, c: 9 if top <= r < top + k and left <= c < left + k else 8)


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-dark", encode(1, 1, 1, 1, lambda r, c: 0)
    yield "02-exactly", encode(1, 1, 1, 7, lambda r, c: 7)
    yield "03-row", encode(1, 6, 1, 5, drawn(rng))
    yield "04-column", encode(6, 1, 1, 5, drawn(rng))
    yield "05-last-corner", corner(3, 3, 2, (1, 1))
    yield "06-whole", encode(3, 3, 3, 27, lambda r, c: 3)
    yield "07-first-corner", corner(3, 4, 2, (0, 0))
    yield "08-last-column", corner(3, 5, 2, (0, 3))
    yield "09-last-row", corner(5, 3, 2, (3, 0))
    yield "10-nothing-needed", encode(4, 5, 3, 0, drawn(rng))
    yield "11-noise", noise(rng, 5, 5, 2)
    yield "12-too-much", encode(5, 6, 2, 10**7, drawn(rng))
    yield "13-stripes", stripes(5, 8, 2, 20, True)
    yield "14-stripes", stripes(8, 6, 3, 40, False)
    yield "15-slope", slope(7, 8, 3, 40)
    yield "16-noise", noise(rng, 7, 11, 3, -5)
    yield "17-bands", encode(9, 12, 4, 72, lambda r, c: 9 * ((r + c) % 2))
    yield "18-noise", noise(rng, 12, 10, 1)
    yield "19-wide", noise(rng, 4, 50, 4, 3)
    yield "20-corner", corner(16, 18, 7, (9, 11))
    yield "21-noise", noise(rng, 20, 20, 5)
    yield "22-slope", slope(18, 30, 6, 150)
    yield "23-noise", noise(rng, 30, 25, 12, 10)
    yield "24-high", noise(rng, 60, 20, 9, -20)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71004)
    yield from small_cases(rng)
    yield "25-noise", noise(rng, 300, 500, 150, 50)
    yield "26-wide", noise(rng, 300, 800, 140)
    yield "27-high", noise(rng, 800, 350, 175, -300)
    yield "28-slope", slope(600, 600, 300, 405_000)
    yield "29-stripes", stripes(650, 700, 325, 475_000, True)
    yield "30-noise", noise(rng, 780, 790, 400)
    yield "31-corner", corner(800, 800, 401, (399, 399))
    yield "32-noise", noise(rng, 800, 800, 390, 100)
