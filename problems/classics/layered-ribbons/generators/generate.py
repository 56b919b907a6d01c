"""Make the secret inputs of Layered Ribbons."""

import random
from collections.abc import Iterator


def encode(prices: list[int], row: list[int]) -> bytes:
    """Write one input."""
    return f"{len(row)} {len(prices)}\n{' '.join(map(str, prices))}\n{' '.join(map(str, row))}\n".encode()


def stretched(rng: random.Random, runs: list[int], n: int) -> list[int]:
    """Make a row of n centimetres of these colours, each run at least one long."""
    cuts = sorted(rng.sample(range(1, n), len(runs) - 1))
    ends = [0, *cuts, n]
    return [runs[i] for i in range(len(runs)) for _ in range(ends[i + 1] - ends[i])]


def drawn(rng: random.Random, runs: int, k: int) -> list[int]:
    """Draw the colours of runs; neighbours may be equal and make one run."""
    return [1 + int(rng.random() * k) for _ in range(runs)]


def nested(depth: int) -> list[int]:
    """Put each colour within the one before: 1 2 3 ... 3 2 1."""
    half = list(range(1, depth + 1))
    return half + half[-2::-1]


def crossed(rng: random.Random, runs: int, k: int) -> list[int]:
    """Let colours return in turns, so that joining one keeps others apart."""
    colours = list(range(1, k + 1))
    row: list[int] = []
    while len(row) < runs:
        if rng.random() < 0.3:
            rng.shuffle(colours)
        row += colours
    return row[:runs]


def prices(rng: random.Random, k: int, most: int = 10**9) -> list[int]:
    """Draw prices from 1 to `most`."""
    return [1 + int(rng.random() * most) for _ in range(k)]


def random_case(rng: random.Random, n: int, runs: int, k: int, most: int = 10**9) -> bytes:
    """Make a row with random colours and prices."""
    return encode(prices(rng, k, most), stretched(rng, drawn(rng, runs, k), n))


def crossed_case(rng: random.Random, n: int, runs: int, k: int, most: int = 100) -> bytes:
    """Make a row whose colours return in turns."""
    return encode(prices(rng, k, most), stretched(rng, crossed(rng, runs, k), n))


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a cubic solution passes."""
    yield "01-one", encode([5], [1])
    yield "02-one-colour", encode([10**9, 1], [1] * 5)
    yield "03-between", encode([3, 4], [1, 2, 1])
    yield "04-dear-outside", encode([9, 1], [2, 1, 2, 1, 2])
    yield "05-large", encode([10**9, 10**9 - 1, 10**9 - 2], [1, 2, 3, 2])
    yield "06-alternating", encode([1, 1], [1, 2, 1, 2, 1, 2, 1])
    yield "07-crossed", encode([5, 5, 9], [1, 2, 3, 1, 2, 3, 1])
    yield "08-distinct", encode([3, 1, 4, 1, 5, 9], [6, 5, 4, 3, 2, 1])
    yield "09-nested", encode(prices(rng, 5, 9), nested(5))
    yield "10-random", random_case(rng, 12, 8, 3, 20)
    yield "11-crossed", crossed_case(rng, 15, 12, 4)
    yield "12-random", random_case(rng, 15, 10, 4)
    yield "13-two-colours", random_case(rng, 25, 18, 2)
    yield "14-crossed", crossed_case(rng, 30, 25, 3)
    yield "15-nested", encode(prices(rng, 14), stretched(rng, nested(14), 40))
    yield "16-random", random_case(rng, 40, 30, 5)
    yield "17-many-colours", random_case(rng, 40, 36, 60)
    yield "18-crossed", crossed_case(rng, 60, 50, 6)
    yield "19-long-runs", random_case(rng, 70, 10, 4)
    yield "20-random", random_case(rng, 70, 60, 7, 10)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(53008)
    yield from small_cases(rng)
    yield "21-crossed", crossed_case(rng, 90, 80, 10)
    yield "22-random", random_case(rng, 100, 80, 4)
    yield "23-alternating", encode(prices(rng, 2), [1, 2] * 55)
    yield "24-random", random_case(rng, 110, 100, 10)
    yield "25-alternating", encode(prices(rng, 2), stretched(rng, [1, 2] * 100, 3000))
    yield "26-random", random_case(rng, 3000, 200, 5)
    yield "27-crossed", crossed_case(rng, 3000, 200, 8, 10**9)
    yield "28-many-colours", random_case(rng, 3000, 200, 100)
    yield "29-nested", encode(prices(rng, 100), stretched(rng, nested(100), 2900))
    yield "30-crossed", crossed_case(rng, 2950, 201, 20)
    yield "31-one-colour", encode([1] * 99 + [10**9], [100] * 3000)
    yield "32-random", random_case(rng, 2900, 190, 3, 50)
