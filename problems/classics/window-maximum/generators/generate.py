"""Make the secret inputs of Window Maximum."""

import random
from collections.abc import Iterator


def encode(window: int, values: list[int]) -> bytes:
    """Write one input."""
    return f"{len(values)} {window}\n{' '.join(map(str, values))}\n".encode()


def uniform(seed: int, n: int, window: int, low: int, high: int) -> bytes:
    """Values drawn independently from low..high."""
    rng = random.Random(seed)
    return encode(window, [rng.randrange(low, high + 1) for _ in range(n)])


def slope(seed: int, n: int, window: int, step: int) -> bytes:
    """Values that climb (or fall, when step is negative) by about `step` each, with noise."""
    rng = random.Random(seed)
    start = -step * n // 2
    return encode(window, [start + step * i + rng.randrange(abs(step) + 1) for i in range(n)])


def peaks(seed: int, n: int, window: int) -> bytes:
    """Low values, and single peaks somewhat less or more than a window apart."""
    rng = random.Random(seed)
    values = [rng.randrange(-9, 1) for _ in range(n)]
    position = 0
    while position < n:
        values[position] = rng.randrange(1, 1000)
        position += window + rng.randrange(-2, 3) if window > 3 else 2
    return encode(window, values)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-single", encode(1, [7])
    yield "02-whole", encode(3, [2, 9, 4])
    yield "03-ones", encode(1, [3, 1, 2])
    yield "04-negative", encode(2, [-5, -3, -8, -1])
    yield "05-falling", encode(3, [9, 8, 7, 6, 5, 4, 3])
    yield "06-whole-negative", encode(4, [-1000000000, -999999999, -1000000000, -1000000000])
    yield "07-last-is-largest", encode(4, [1, 2, 3, 2, 1, 0, 5, 50])
    yield "08-all-equal", encode(7, [-2] * 45)
    yield "09-peaks", peaks(9, 90, 8)
    yield "10-signs", uniform(10, 100, 10, -50, 50)
    yield "11-falling", slope(11, 200, 41, -7)
    yield "12-wide", uniform(12, 300, 100, -(10**9), 10**9)
    yield "13-climbing", slope(13, 900, 450, 1000)
    yield "14-peaks", peaks(14, 5000, 700)
    yield "15-wide", uniform(15, 4000, 1300, -(10**9), 10**9)
    yield "16-narrow", uniform(16, 50000, 3, -(10**5), 10**5)
    yield "17-almost-whole", uniform(17, 70000, 69995, -9999, -1)
    yield "18-half", peaks(18, 140000, 70000)
    yield "19-digits", uniform(19, 200000, 90000, 0, 9)
    yield "20-falling", slope(20, 150000, 75000, -3)
    yield "21-climbing", slope(21, 150000, 60000, 20)
    yield "22-half", uniform(22, 180000, 90000, -(10**6), 10**6)
    yield "23-third", uniform(23, 200000, 66000, -(10**6), 10**6)
    yield "24-widest", uniform(24, 200000, 100001, -(10**9), 10**9)
    yield "25-two", encode(2, [4, 4])
    yield "26-falling", encode(2, [6, 5, 4, 3, 2])
    yield "27-peaks", peaks(27, 25, 5)
    yield "28-digits", uniform(28, 40, 6, 0, 9)
    yield "29-negative", uniform(29, 150, 20, -(10**9), -1)
    yield "30-climbing", slope(30, 400, 30, 9)
    yield "31-falling", slope(31, 1200, 500, -40)
    yield "32-peaks", peaks(32, 2000, 90)
