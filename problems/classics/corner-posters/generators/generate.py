"""Make the secret inputs of Corner Posters."""

import random
from collections.abc import Iterator

MOST = 1_000_000_000


def encode(posters: list[tuple[int, int]]) -> bytes:
    """Write one input."""
    return (f"{len(posters)}\n" + "".join(f"{w} {h}\n" for w, h in posters)).encode()


def uniform(rng: random.Random, n: int, most: int) -> bytes:
    """Draw sides from 1..most: few posters are seen."""
    return encode([(1 + int(rng.random() * most), 1 + int(rng.random() * most)) for _ in range(n)])


def stairs(rng: random.Random, n: int, step: int) -> list[tuple[int, int]]:
    """Let each poster be wider and less high than the one before, then shuffle them."""
    widths, heights = [0], [0]
    for _ in range(n):
        widths.append(widths[-1] + 1 + int(rng.random() * step))
        heights.append(heights[-1] + 1 + int(rng.random() * step))
    posters = list(zip(widths[1:], reversed(heights[1:]), strict=True))
    rng.shuffle(posters)
    return posters


def stairs_with_hidden(rng: random.Random, n: int, step: int) -> bytes:
    """Hide as many posters again behind stairs."""
    posters = stairs(rng, n - n // 2, step)
    for w, h in posters[: n // 2]:
        posters.append((1 + int(rng.random() * w), 1 + int(rng.random() * h)))
    rng.shuffle(posters)
    return encode(posters)


def few_widths(rng: random.Random, n: int, kinds: int) -> bytes:
    """Draw from few widths, and any heights."""
    return encode([(1 + int(rng.random() * kinds), 1 + int(rng.random() * 1000)) for _ in range(n)])


def nested(n: int, step: int) -> bytes:
    """Let each poster cover the ones before wholly."""
    return encode([(step * i, step * i) for i in range(1, n + 1)])


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-single", encode([(3, 4)])
    yield "02-equal", encode([(2, 5), (2, 5)])
    yield "03-cross", encode([(7, 2), (3, 6)])
    yield "04-inside", encode([(9, 9), (4, 5)])
    yield "05-same-width", encode([(4, 1), (4, 6), (4, 3)])
    yield "06-same-height", encode([(1, 5), (8, 5), (3, 5)])
    yield "07-largest", encode([(MOST, MOST)])
    yield "08-three-steps", encode([(1, 9), (9, 1), (5, 5)])
    yield "09-thin", encode([(MOST, 1), (1, MOST)])
    yield "10-stairs", encode(stairs(rng, 6, 3))
    yield "11-uniform", uniform(rng, 8, 10)
    yield "12-nested", nested(9, 2)
    yield "13-stairs-wide", encode(stairs(rng, 12, MOST // 12))
    yield "14-hidden", stairs_with_hidden(rng, 16, 5)
    yield "15-few-widths", few_widths(rng, 30, 4)
    yield "16-uniform", uniform(rng, 40, MOST)
    yield "17-stairs", encode(stairs(rng, 60, 9))
    yield "18-nested", nested(90, 1000)
    yield "19-uniform", uniform(rng, 200, 25)
    yield "20-hidden", stairs_with_hidden(rng, 200, 100_000)
    yield "21-few-widths", few_widths(rng, 300, 15)
    yield "22-stairs", encode(stairs(rng, 350, 2_000_000))
    yield "23-uniform", uniform(rng, 400, 10_000)
    yield "24-hidden", stairs_with_hidden(rng, 500, 50)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61004)
    yield from small_cases(rng)
    yield "25-uniform", uniform(rng, 80_000, 1_000_000)
    yield "26-stairs", encode(stairs(rng, 90_000, 10))
    yield "27-hidden", stairs_with_hidden(rng, 90_000, 1000)
    yield "28-nested", nested(85_000, 9)
    yield "29-stairs", encode(stairs(rng, 80_000, 12_000))
    yield "30-uniform", uniform(rng, 60_000, MOST)
    yield "31-hidden", stairs_with_hidden(rng, 100_000, 30)
    yield "32-stairs", encode(stairs(rng, 100_000, 100))
