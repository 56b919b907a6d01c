"""Make the secret inputs of Round Table."""

import random
from collections.abc import Iterator


def encode(rng: random.Random, countries: list[int]) -> bytes:
    """Write one input, the guests shuffled."""
    countries = countries[:]
    rng.shuffle(countries)
    return f"{len(countries)}\n{' '.join(map(str, countries))}\n".encode()


def uniform(rng: random.Random, n: int, most: int) -> list[int]:
    """Draw each guest's country from 1 to `most`."""
    return [1 + int(rng.random() * most) for _ in range(n)]


def majority(rng: random.Random, n: int, count: int, others: int, *, middle: bool = False) -> list[int]:
    """Let `count` guests share a country, numbered before or amid those of the others, which are drawn."""
    here = others | 1 if middle else 1
    return [here] * count + [2 + 2 * int(rng.random() * others) for _ in range(n - count)]


def groups(sizes: list[int]) -> list[int]:
    """Number countries of these sizes in turn."""
    return [1000 + 17 * i for i, size in enumerate(sizes) for _ in range(size)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-two", encode(rng, [1, 2])
    yield "02-two-of-one", encode(rng, [5, 5])
    yield "03-one-too-many", encode(rng, [1, 1, 2])
    yield "04-three", encode(rng, [7, 8, 9])
    yield "05-pairs", encode(rng, groups([2, 2]))
    yield "06-row-but-no-ring", encode(rng, groups([3, 1, 1]))
    yield "07-two-pairs-and-one", encode(rng, groups([2, 2, 1]))
    yield "08-rising", encode(rng, groups([1, 2, 3]))
    yield "09-half", encode(rng, majority(rng, 12, 6, 3, middle=True))
    yield "10-row-but-no-ring", encode(rng, majority(rng, 15, 8, 7))
    yield "11-half-rounded-down", encode(rng, majority(rng, 17, 8, 2))
    yield "12-few", encode(rng, uniform(rng, 20, 3))
    yield "13-three-alike", encode(rng, groups([9, 9, 9]))
    yield "14-all-different", encode(rng, list(range(10**9 - 34, 10**9 + 1)))
    yield "15-too-many", encode(rng, majority(rng, 50, 26, 4))
    yield "16-uniform", encode(rng, uniform(rng, 80, 10))
    yield "17-half", encode(rng, majority(rng, 120, 60, 1, middle=True))
    yield "18-two-large", encode(rng, groups([80, 79, 1]))
    yield "19-uniform", encode(rng, uniform(rng, 300, 40))
    yield "20-row-but-no-ring", encode(rng, majority(rng, 401, 201, 150))
    yield "21-pairs", encode(rng, groups([2] * 300))
    yield "22-half-rounded-down", encode(rng, majority(rng, 801, 400, 300, middle=True))
    yield "23-large-and-small", encode(rng, groups([450] + [1] * 500))
    yield "24-uniform", encode(rng, uniform(rng, 1200, 1000))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61003)
    yield from small_cases(rng)
    yield "25-uniform", encode(rng, uniform(rng, 5000, 10**9))
    yield "26-uniform", encode(rng, uniform(rng, 40_000, 10**5))
    yield "27-half", encode(rng, majority(rng, 100_000, 50_000, 40_000, middle=True))
    yield "28-row-but-no-ring", encode(rng, majority(rng, 99_999, 50_000, 10**8))
    yield "29-all-different", encode(rng, list(range(10**9 - 99_999, 10**9 + 1)))
    yield "30-pairs", encode(rng, groups([2] * 49_000))
    yield "31-half-rounded-down", encode(rng, majority(rng, 99_999, 49_999, 30_000))
    yield "32-uniform", encode(rng, uniform(rng, 100_000, 10**9))
