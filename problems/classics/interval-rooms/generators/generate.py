"""Yield the hidden inputs of Interval Rooms."""

from __future__ import annotations

import random
from collections.abc import Iterator

END = 10**9
Request = tuple[int, int, int]


def render(requests: list[Request]) -> bytes:
    """Write one input."""
    lines = [f"{start} {end} {price}\n" for start, end, price in requests]
    return f"{len(lines)}\n{''.join(lines)}".encode()


def scattered(rng: random.Random, count: int, horizon: int, longest: int, price: int) -> list[Request]:
    """Return requests of random length up to `longest`, within the horizon, at random prices."""
    requests = []
    for _ in range(count):
        length = 1 + int(rng.random() * longest)
        start = int(rng.random() * (horizon - length + 1))
        requests.append((start, start + length, 1 + int(rng.random() * price)))
    return requests


def touching(rng: random.Random, count: int, step: int, price: int) -> list[Request]:
    """Return requests each of which begins when the one before ends, shuffled."""
    requests = [(i * step, (i + 1) * step, 1 + int(rng.random() * price)) for i in range(count)]
    rng.shuffle(requests)
    return requests


def staircase(rng: random.Random, count: int, step: int, price: int) -> list[Request]:
    """Return requests that overlap their neighbours by half, at nearly equal prices, shuffled."""
    requests = [(i * step, (i + 2) * step, price - int(rng.random() * 10)) for i in range(count)]
    rng.shuffle(requests)
    return requests


def nested(count: int, price: int) -> list[Request]:
    """Return requests inside one another, the outer ones dearer."""
    return [(i, END - i, price - i) for i in range(count)]


def dear_and_long(rng: random.Random, groups: int, size: int) -> list[Request]:
    """Return groups of one long request and `size` short ones inside it that bring about as much."""
    requests = []
    width = END // groups
    for group in range(groups):
        left = group * width
        prices = [1 + int(rng.random() * 10**6) for _ in range(size)]
        requests.append((left, left + width, max(1, sum(prices) + rng.randrange(-(10**6), 10**6))))
        for i, price in enumerate(prices):
            requests.append((left + i * width // size, left + (i + 1) * width // size, price))
    rng.shuffle(requests)
    return requests


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield (name, input) of every generated case; the same bytes on every machine."""
    rng = random.Random(20103)
    yield "01-single", render([(3, 4, 1)])
    yield "02-touching-pair", render([(5, 9, 4), (0, 5, 3)])
    yield "03-long-or-short", render([(0, 10, 5), (0, 4, 2), (5, 10, 2)])
    yield "04-same-twice", render([(2, 6, 7), (2, 6, 8), (6, 7, 1), (0, 1, 1)])
    yield "05-few", render(scattered(rng, 8, 20, 6, 9))
    yield "06-few-touching", render(touching(rng, 10, 3, 20))
    yield "07-nested", render(nested(12, 50))
    yield "08-small", render(scattered(rng, 40, 100, 30, 100))
    yield "09-staircase", render(staircase(rng, 60, 5, 1000))
    yield "10-small-dear", render(dear_and_long(rng, 6, 15))
    yield "11-small", render(scattered(rng, 200, 1000, 50, 1000))
    yield "12-touching", render(touching(rng, 400, 100, 10**6))
    yield "13-large-prices", render(scattered(rng, 500, END, 10**7, 10**9))
    yield "14-short", render(scattered(rng, 2500, 10_000, 20, 10**5))
    yield "15-long", render(scattered(rng, 4000, END, END // 2, 10**9))
    yield "16-staircase", render(staircase(rng, 6000, 1000, 10**6))
    yield "17-dear", render(dear_and_long(rng, 1000, 19))
    yield "18-short", render(scattered(rng, 100_000, END, 10**4, 10**9))
    yield "19-touching", render(touching(rng, 100_000, 10**4, 10**9))
    yield "20-staircase", render(staircase(rng, 100_000, 9000, 10**9))
    yield "21-middling", render(scattered(rng, 100_000, END, 10**6, 10**6))
    yield "22-dear", render(dear_and_long(rng, 10_000, 9))
    yield "23-nested", render(nested(100_000, 10**9))
    yield "24-crowded", render(scattered(rng, 100_000, 50_000, 100, 10**9))
    yield "25-inside", render([(0, 9, 4), (2, 5, 5)])
    yield "26-nested", render(nested(5, 9))
    yield "27-staircase", render(staircase(rng, 9, 2, 30))
    yield "28-touching", render(touching(rng, 30, 7, 50))
    yield "29-dear", render(dear_and_long(rng, 3, 8))
    yield "30-crowded", render(scattered(rng, 120, 40, 9, 100))
    yield "31-nested", render(nested(300, 10**6))
    yield "32-staircase", render(staircase(rng, 900, 50, 10**5))
