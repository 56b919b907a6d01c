"""Make the secret inputs of Kiln Orders."""

import random
from collections.abc import Iterator

MOST = 1_000_000_000
Order = tuple[int, int]


def encode(orders: list[Order]) -> bytes:
    """Write one input."""
    return (f"{len(orders)}\n" + "".join(f"{t} {d}\n" for t, d in orders)).encode()


def uniform(rng: random.Random, n: int, longest: int, last: int) -> bytes:
    """Draw times and dues independently."""
    return encode([(1 + int(rng.random() * longest), 1 + int(rng.random() * last)) for _ in range(n)])


def feasible(rng: random.Random, n: int, longest: int, slack: int) -> list[Order]:
    """Make orders that can all be done, with little time to spare, and shuffle them."""
    orders, now = [], 0
    for _ in range(n):
        time = 1 + int(rng.random() * longest)
        now += time
        orders.append((time, min(MOST, now + int(rng.random() * (slack + 1)))))
    rng.shuffle(orders)
    return orders


def one_too_many(rng: random.Random, n: int, longest: int) -> bytes:
    """Add an early long order to orders that fill the time, so that it has to go."""
    orders = feasible(rng, n - 1, longest, 0)
    orders.append((longest + 1, longest + 1))
    rng.shuffle(orders)
    return encode(orders)


def tempting(rng: random.Random, groups: int) -> bytes:
    """Let a long order come due just before two short ones that fit without it."""
    orders, now = [], 0
    for _ in range(groups):
        short = 2 + int(rng.random() * 8)
        orders += [(2 * short - 1, now + 2 * short - 1), (short, now + 2 * short), (short, now + 2 * short)]
        now += 2 * short
    rng.shuffle(orders)
    return encode(orders)


def same_due(rng: random.Random, n: int, due: int) -> bytes:
    """Let all orders be due at once."""
    return encode([(1 + int(rng.random() * due // 3), due) for _ in range(n)])


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-in-time", encode([(4, 4)])
    yield "02-too-late", encode([(5, 4)])
    yield "03-swap", encode([(5, 5), (2, 6)])
    yield "04-keep-the-shorter", encode([(2, 3), (4, 5)])
    yield "05-two-for-one", encode([(9, 9), (5, 10), (5, 10)])
    yield "06-equal", encode([(3, 7), (3, 7), (3, 7)])
    yield "07-longest", encode([(MOST, MOST), (MOST, MOST)])
    yield "08-shorter-later", encode([(4, 5), (3, 5), (2, 4), (1, 9)])
    yield "09-tempting", tempting(rng, 2)
    yield "10-uniform", uniform(rng, 8, 5, 20)
    yield "11-feasible", encode(feasible(rng, 8, 9, 2))
    yield "12-same-due", same_due(rng, 9, 30)
    yield "13-one-too-many", one_too_many(rng, 12, 6)
    yield "14-uniform-long", uniform(rng, 14, MOST // 4, MOST)
    yield "15-tempting", tempting(rng, 9)
    yield "16-uniform", uniform(rng, 50, 20, 200)
    yield "17-none-in-time", encode([(d + 1, d) for d in range(1, 70)])
    yield "18-feasible", encode(feasible(rng, 90, 30, 10))
    yield "19-same-due", same_due(rng, 150, 5000)
    yield "20-one-too-many", one_too_many(rng, 200, 50)
    yield "21-tempting", tempting(rng, 80)
    yield "22-uniform", uniform(rng, 300, 100, 9000)
    yield "23-uniform-long", uniform(rng, 250, MOST // 50, MOST)
    yield "24-feasible", encode(feasible(rng, 500, 1000, 900))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61007)
    yield from small_cases(rng)
    yield "25-feasible", encode(feasible(rng, 100_000, 9, 5))
    yield "26-uniform", uniform(rng, 100_000, 1000, 30_000_000)
    yield "27-tempting", tempting(rng, 33_000)
    yield "28-uniform-long", uniform(rng, 90_000, 25_000, MOST)
    yield "29-one-too-many", one_too_many(rng, 99_000, 9000)
    yield "30-feasible", encode(feasible(rng, 100_000, 9999, 9_999_999))
    yield "31-uniform", uniform(rng, 100_000, 20_000, MOST)
    yield "32-feasible", encode(feasible(rng, 100_000, 9000, MOST // 2))
