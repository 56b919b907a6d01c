"""Make the secret inputs of Pair Sums."""

import random
from collections.abc import Iterator


def encode(target: int, values: list[int]) -> bytes:
    """Write one input."""
    return f"{len(values)} {target}\n{' '.join(map(str, values))}\n".encode()


def uniform(seed: int, n: int, low: int, high: int, target: int) -> bytes:
    """Values drawn independently from low..high."""
    rng = random.Random(seed)
    return encode(target, [rng.randrange(low, high + 1) for _ in range(n)])


def matched(seed: int, n: int, bound: int, target: int) -> bytes:
    """Large values, about half of which have a partner that completes the target."""
    rng = random.Random(seed)
    values = []
    while len(values) < n:
        value = rng.randrange(-bound, bound + 1)
        values.append(value)
        if abs(target - value) <= bound and rng.random() < 0.5:
            values.append(target - value)
    del values[n:]
    rng.shuffle(values)
    return encode(target, values)


def few_values(seed: int, n: int, kinds: list[int], target: int) -> bytes:
    """Few distinct values, so that the count is far larger than n."""
    rng = random.Random(seed)
    return encode(target, [rng.choice(kinds) for _ in range(n)])


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-single", encode(6, [3])
    yield "02-two-halves", encode(4, [2, 2])
    yield "03-one-half", encode(10, [1, 5, 2, 3])
    yield "04-signs", encode(0, [-3, 3, 0, -3, 3, 1])
    yield "05-halves-apart", encode(8, [4, 1, 7, 4, 9, -1, 4])
    yield "06-extremes", encode(2000000000, [1000000000, -1000000000, 1000000000, 999999999])
    yield "07-lowest-target", encode(-2000000000, [-1000000000] * 5 + [1000000000] * 3)
    yield "08-small-range", uniform(8, 60, -5, 5, 3)
    yield "09-no-pair", uniform(9, 100, 1, 50, 200)
    yield "10-matched", matched(10, 80, 10**9, 123456788)
    yield "11-three-kinds", few_values(11, 700, [2, 4, 6], 8)
    yield "12-distinct", encode(601, random.Random(12).sample(range(1, 601), 600))
    yield "13-matched", matched(13, 400, 10**9, -77)
    yield "14-hundreds", uniform(14, 2500, -99, 99, 10)
    yield "15-matched", matched(15, 2000, 10**6, 1000)
    yield "16-wide", uniform(16, 9000, -(10**9), 10**9, 5)
    yield "17-matched", matched(17, 30000, 10**6, 400000)
    yield "18-all-equal", encode(2, [1] * 200000)
    yield "19-two-kinds", few_values(19, 200000, [3, 5], 8)
    yield "20-digits", uniform(20, 200000, 0, 9, 9)
    yield "21-distinct-negative", encode(-150000, random.Random(21).sample(range(-99999, 0), 90000))
    yield "22-matched-large", matched(22, 120000, 10**6, 2)
    yield "23-wide-large", uniform(23, 200000, -99999, 99999, -31)
    yield "24-matched-widest", matched(24, 150000, 10**9, 1999999)
    yield "25-four", encode(5, [1, 4, 2, 3])
    yield "26-zero-halves", encode(0, [0, 0, 0, 7])
    yield "27-matched", matched(27, 12, 50, 9)
    yield "28-signs", uniform(28, 30, -3, 3, 0)
    yield "29-negative-target", uniform(29, 150, -20, 4, -17)
    yield "30-three-kinds", few_values(30, 250, [-5, 0, 5], 0)
    yield "31-matched", matched(31, 900, 10**9, 10**9)
    yield "32-digits", uniform(32, 1500, 0, 9, 9)
