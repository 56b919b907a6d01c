"""Make the secret inputs of Easy Changes."""

import random
from collections.abc import Iterator

DAY = 1_000_000


def encode(x: int, y: int, buses: list[int], trains: list[int]) -> bytes:
    """Write one input; both lists are sorted here."""
    rows = [" ".join(map(str, sorted(minutes))) for minutes in (buses, trains)]
    return f"{len(buses)} {len(trains)} {x} {y}\n{rows[0]}\n{rows[1]}\n".encode()


def anywhere(rng: random.Random, n: int, low: int, high: int) -> list[int]:
    """Draw minutes from low..high."""
    return [low + int(rng.random() * (high - low + 1)) for _ in range(n)]


def crowded(rng: random.Random, n: int, hours: int) -> list[int]:
    """Draw full hours only, so that many minutes are equal."""
    return [60 * int(rng.random() * hours) for _ in range(n)]


def regular(n: int, start: int, step: int) -> list[int]:
    """Repeat after `step` minutes."""
    return [start + i * step for i in range(n)]


def uniform(rng: random.Random, n: int, m: int, x: int, y: int, last: int) -> bytes:
    """Both lists from the same stretch of time."""
    return encode(x, y, anywhere(rng, n, 0, last), anywhere(rng, m, 0, last))


def late_buses(rng: random.Random, n: int, x: int, y: int) -> bytes:
    """Most trains have left before the first bus comes."""
    trains = anywhere(rng, n - n // 20, 0, DAY // 2) + anywhere(rng, n // 20, DAY // 2, DAY)
    return encode(x, y, anywhere(rng, n, DAY // 2, DAY), trains)


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one-pair", encode(3, 5, [10], [15])
    yield "02-too-early", encode(1, 5, [10], [10])
    yield "03-both-bounds", encode(2, 4, [0, 1, 2], [2, 4, 6])
    yield "04-at-once", encode(0, 0, [5, 5, 5], [5, 5])
    yield "05-train-before-bus", encode(0, 10, [50, 60], [1, 2, 3])
    yield "06-all-pairs", encode(0, DAY, [0, 1, 2, 3], [3, 4, 5])
    yield "07-regular", encode(10, 20, regular(6, 0, 10), regular(8, 0, 10))
    yield "08-uniform", uniform(rng, 8, 8, 3, 9, 20)
    yield "09-whole-day", encode(DAY, DAY, [0, 0], [DAY, DAY, DAY])
    yield "10-crowded", encode(60, 120, crowded(rng, 10, 5), crowded(rng, 10, 5))
    yield "11-uniform", uniform(rng, 15, 10, 5, 30, 60)
    yield "12-one-bus", uniform(rng, 1, 30, 10, 40, 90)
    yield "13-one-train", uniform(rng, 30, 1, 10, 40, 90)
    yield "14-crowded", encode(0, 60, crowded(rng, 25, 6), crowded(rng, 25, 6))
    yield "15-regular", encode(7, 14, regular(40, 3, 7), regular(40, 0, 7))
    yield "16-uniform", uniform(rng, 60, 50, 0, 50, 500)
    yield "17-narrow", uniform(rng, 70, 70, 4, 4, 200)
    yield "18-sparse", uniform(rng, 90, 90, 1000, 90_000, DAY)
    yield "19-crowded", encode(60, 600, crowded(rng, 120, 40), crowded(rng, 120, 40))
    yield "20-late-buses", late_buses(rng, 160, 0, 100_000)
    yield "21-uniform", uniform(rng, 200, 250, 30, 400, 5000)
    yield "22-regular", encode(5, 300, regular(300, 2, 5), regular(300, 0, 15))
    yield "23-wide", uniform(rng, 350, 350, 0, DAY, DAY)
    yield "24-late-buses", late_buses(rng, 500, 10, 50_000)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61001)
    yield from small_cases(rng)
    yield "25-wide", uniform(rng, 80_000, 90_000, 0, DAY, 99_999)
    yield "26-late-buses", late_buses(rng, 100_000, 500, 90_000)
    yield "27-narrow", uniform(rng, 90_000, 90_000, 7, 7, DAY)
    yield "28-crowded", encode(60, 60_000, crowded(rng, 90_000, 15_000), crowded(rng, 99_999, 15_000))
    yield "29-late-buses", late_buses(rng, 100_000, 0, 0)
    yield "30-regular", encode(100, 100_000, regular(99_999, 0, 10), regular(99_999, 5, 10))
    yield "31-uniform", uniform(rng, 100_000, 100_000, 60, 500_000, DAY)
    yield "32-late-buses", late_buses(rng, 99_999, 1, DAY)
