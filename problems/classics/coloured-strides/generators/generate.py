"""Make the secret inputs of Coloured Strides."""

import random
from collections.abc import Iterator

FAR = 10**18
COLOURS = 10**9


def encode(colours: list[int], lengths: list[int]) -> bytes:
    """Write one input."""
    head = f"{len(colours)} {len(lengths)}\n{' '.join(map(str, colours))}\n"
    return (head + "".join(f"{length}\n" for length in lengths)).encode()


def numbers(rng: random.Random, count: int, most: int) -> list[int]:
    """Draw numbers from 0 to most."""
    return [int(rng.random() * 2**53) * (most + 1) >> 53 for _ in range(count)]


def drawn(rng: random.Random, k: int, most_colours: int, q: int, farthest: int) -> bytes:
    """Draw everything."""
    return encode(numbers(rng, k, most_colours), numbers(rng, q, farthest))


def near_powers(rng: random.Random, q: int) -> list[int]:
    """Draw lengths next to powers of two."""
    return [max(0, (1 << int(rng.random() * 60)) - 1 + int(rng.random() * 3)) for _ in range(q)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-nowhere", encode([3], [0])
    yield "02-one", encode([4], [1])
    yield "03-order-counts", encode([1, 1], [3])
    yield "04-no-colours", encode([0], [0, 9])
    yield "05-two-colours", encode([2], [10, 40])
    yield "06-shorter-than-k", encode([1, 1, 1], [1, 2])
    yield "07-only-long", encode([0, 0, 1], [2, 3, 7])
    yield "08-large", encode([COLOURS, COLOURS], [2, 3])
    yield "09-fibonacci", encode([1, 1], [90, 91, 1000])
    yield "10-five", encode([1, 2, 3, 4, 5], [4, 5, 6])
    yield "11-far", encode([7], [100_000])
    yield "12-only-longest", encode([0, 0, 0, 0, 9], [5, 6, 10])
    yield "13-drawn", drawn(rng, 2, COLOURS, 5, 99)
    yield "14-drawn", drawn(rng, 3, 9, 10, 999)
    yield "15-first-steps", encode([5, 4, 3, 2, 1], list(range(20)))
    yield "16-far", drawn(rng, 4, COLOURS, 10, 90_000)
    yield "17-drawn", drawn(rng, 5, 3, 30, 2000)
    yield "18-large", drawn(rng, 5, COLOURS, 40, 5000)
    yield "19-two", drawn(rng, 2, COLOURS, 70, 60_000)
    yield "20-one", drawn(rng, 1, COLOURS, 90, 80_000)
    yield "21-far", drawn(rng, 5, COLOURS, 100, 70_000)
    yield "22-small", encode([1, 0, 0, 2, 1], list(range(180)))
    yield "23-drawn", drawn(rng, 3, COLOURS, 150, 90_000)
    yield "24-far", drawn(rng, 4, 9, 200, 99_999)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71010)
    yield from small_cases(rng)
    yield "25-drawn", drawn(rng, 5, COLOURS, 800, FAR)
    yield "26-powers", encode([3, 1, 4, 1, 5], near_powers(rng, 4000))
    yield "27-one", drawn(rng, 1, COLOURS, 3000, FAR)
    yield "28-two", drawn(rng, 2, COLOURS, 3500, FAR)
    yield "29-only-longest", encode([0, 0, 0, 0, COLOURS], numbers(rng, 4000, FAR))
    yield "30-drawn", drawn(rng, 5, 9, 4800, FAR)
    yield "31-farthest", encode([COLOURS - i for i in range(5)], [FAR - i for i in range(5000)])
    yield "32-drawn", drawn(rng, 5, COLOURS, 5000, FAR)
