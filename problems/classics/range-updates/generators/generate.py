"""Make the secret inputs of Range Updates."""

import random
from collections.abc import Callable, Iterator

Range = tuple[int, int]


def encode(n: int, operations: list[str]) -> bytes:
    """Write one input."""
    return "".join([f"{n} {len(operations)}\n", *(line + "\n" for line in operations)]).encode()


def anywhere(rng: random.Random, n: int) -> Range:
    """Both ends drawn independently."""
    ends = rng.randrange(1, n + 1), rng.randrange(1, n + 1)
    return min(ends), max(ends)


def wide(rng: random.Random, n: int) -> Range:
    """All but a little at both ends."""
    margin = n // 50 + 1
    return rng.randrange(1, margin + 1), n + 1 - rng.randrange(1, margin + 1)


def narrow(rng: random.Random, n: int) -> Range:
    """At most ten counters."""
    left = rng.randrange(1, n + 1)
    return left, min(n, left + rng.randrange(10))


def suffix(rng: random.Random, n: int) -> Range:
    """Up to the last counter."""
    return rng.randrange(1, n // 2 + 1), n


def mixed(
    seed: int,
    size: Range,
    draw: Callable[[random.Random, int], Range],
    *,
    low: int = -(10**6),
    high: int = 10**6,
    sums: float = 0.5,
) -> bytes:
    """For size (n, q): operations in random order on drawn ranges; the last one is a sum."""
    n, q = size
    rng = random.Random(seed)
    operations = []
    for number in range(q):
        left, right = draw(rng, n)
        if number == q - 1 or rng.random() < sums:
            operations.append(f"sum {left} {right}")
        else:
            operations.append(f"add {left} {right} {rng.randrange(low, high + 1)}")
    return encode(n, operations)


def every_counter(n: int) -> bytes:
    """Add to growing prefixes, then ask for every counter by itself."""
    adds = [f"add 1 {right} {right}" for right in range(1, n + 1)]
    return encode(n, adds + [f"sum {counter} {counter}" for counter in range(1, n + 1)])


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-untouched", encode(1, ["sum 1 1"])
    yield "02-single", encode(1, ["add 1 1 -7", "sum 1 1"])
    yield "03-right-end", encode(3, ["add 1 2 5", "sum 2 2", "sum 3 3"])
    yield "04-left-end", encode(4, ["add 3 4 2", "sum 2 3", "sum 2 2"])
    yield "05-whole", encode(6, ["add 1 6 1", "add 6 6 1", "sum 1 6", "sum 6 6"])
    yield "06-last-of-seven", encode(7, ["add 7 7 3", "add 2 7 2", "sum 7 7", "sum 1 6"])
    yield "07-every-counter", every_counter(9)
    yield "08-anywhere", mixed(8, (12, 30), anywhere, low=-5, high=5)
    yield "09-narrow", mixed(9, (60, 70), narrow)
    yield "10-anywhere", mixed(10, (100, 100), anywhere, low=1, high=100)
    yield "11-above-32-bits", mixed(11, (110, 120), wide, low=900000)
    yield "12-suffix", mixed(12, (300, 300), suffix)
    yield "13-far-apart", mixed(13, (100000, 250), anywhere, low=-3, high=3)
    yield "14-anywhere", mixed(14, (900, 1500), anywhere)
    yield "15-narrow", mixed(15, (100000, 8000), narrow)
    yield "16-few-counters", mixed(16, (6, 20000), anywhere)
    yield "17-narrow", mixed(17, (100000, 50000), narrow)
    yield "18-every-counter", every_counter(25000)
    yield "19-sums", mixed(19, (100000, 50000), wide, sums=0.9)
    yield "20-adds", mixed(20, (100000, 50000), wide, sums=0.1, low=1)
    yield "21-suffix", mixed(21, (90000, 60000), suffix)
    yield "22-anywhere", mixed(22, (100000, 100000), anywhere)
    yield "23-wide", mixed(23, (99999, 50000), wide, low=999000)
    yield "24-wide-negative", mixed(24, (100000, 80000), wide, high=-999000)
    yield "25-two-sums", encode(2, ["add 1 1 4", "sum 1 2", "add 2 2 -4", "sum 1 2"])
    yield "26-inner", encode(5, ["add 2 4 3", "sum 1 1", "sum 5 5", "sum 3 4"])
    yield "27-suffix", mixed(27, (10, 25), suffix, low=-9, high=9)
    yield "28-every-counter", every_counter(40)
    yield "29-wide", mixed(29, (80, 90), wide)
    yield "30-narrow", mixed(30, (200, 220), narrow)
    yield "31-anywhere", mixed(31, (500, 400), anywhere, low=900000)
    yield "32-suffix", mixed(32, (1500, 800), suffix, sums=0.3)
