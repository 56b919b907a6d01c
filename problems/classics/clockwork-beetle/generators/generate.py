"""Make the secret inputs of Clockwork Beetle."""

import random
from collections.abc import Iterator


def encode(minutes: int, jumps: list[int], rests: list[int]) -> bytes:
    """Write one input."""
    lines = [f"{len(jumps)} {minutes}", " ".join(map(str, jumps)), " ".join(map(str, rests))]
    return ("\n".join(lines) + "\n").encode()


def draw(rng: random.Random, n: int, most: int) -> list[int]:
    """Draw n integers from 1 to `most`."""
    return [1 + int(rng.random() * most) for _ in range(n)]


def drawn(rng: random.Random, n: int, minutes: int, longest_rest: int) -> bytes:
    """Draw all jumps and rests."""
    return encode(minutes, draw(rng, n, n), draw(rng, n, longest_rest))


def tail(rng: random.Random, n: int, loop: int, minutes: int, longest_rest: int) -> bytes:
    """Step from cell to cell, far into the table, and then go round in the last `loop` cells."""
    jumps = [1] * n
    jumps[-1] = n - loop + 1 if loop > 1 else n
    return encode(minutes, jumps, draw(rng, n, longest_rest))


def loop_time(jumps: list[int], rests: list[int]) -> tuple[int, int]:
    """Return the minutes until the loop is entered, and those that once round the loop takes."""
    entered: dict[int, int] = {}
    here = minutes = 0
    while here not in entered:
        entered[here] = minutes
        minutes += rests[here]
        here = (here + jumps[here]) % len(jumps)
    return entered[here], minutes - entered[here]


def on_the_minute(rng: random.Random, n: int, rounds: int, shift: int, longest_rest: int) -> bytes:
    """Let T fall `shift` minutes after the moment when so many rounds are done."""
    jumps, rests = draw(rng, n, n), draw(rng, n, longest_rest)
    before, once = loop_time(jumps, rests)
    return encode(before + rounds * once + shift, jumps, rests)


def one_ring(rng: random.Random, n: int, minutes: int, longest_rest: int) -> bytes:
    """Visit all cells over and over with a jump that has no divisor in common with n."""
    jump = next(j for j in range(n // 3, n + 1) if greatest_divisor(j, n) == 1)
    return encode(minutes, [jump] * n, draw(rng, n, longest_rest))


def greatest_divisor(a: int, b: int) -> int:
    """Return the greatest common divisor."""
    while b:
        a, b = b, a % b
    return a


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases in which no more than some 100000 jumps are made."""
    yield "01-one-cell", encode(7, [1], [2])
    yield "02-no-time", encode(0, [1, 2], [1, 1])
    yield "03-on-the-minute", encode(6, [2, 1, 2], [3, 1, 3])
    yield "04-just-before", encode(5, [2, 1, 2], [3, 1, 3])
    yield "05-tail", tail(rng, 8, 3, 100, 4)
    yield "06-stays", encode(1000, [1, 3, 3], [9, 5, 4])
    yield "07-ring", one_ring(rng, 10, 777, 6)
    yield "08-tail-into-one", tail(rng, 12, 1, 5000, 9)
    yield "09-drawn", drawn(rng, 15, 3000, 5)
    yield "10-on-the-minute", on_the_minute(rng, 20, 30, 0, 10)
    yield "11-just-before", on_the_minute(rng, 25, 17, -1, 100)
    yield "12-drawn", drawn(rng, 40, 10**12, 10**9)
    yield "13-short", drawn(rng, 60, 500, 1000)
    yield "14-tail", tail(rng, 80, 7, 40_000, 5)
    yield "15-ring", one_ring(rng, 100, 99_999, 3)
    yield "16-on-the-minute", on_the_minute(rng, 150, 500, 0, 10**6)
    yield "17-drawn", drawn(rng, 250, 10**13, 10**9)
    yield "18-tail", tail(rng, 400, 399, 10**13, 10**9)
    yield "19-ring", one_ring(rng, 600, 54_321_000, 2000)
    yield "20-drawn", drawn(rng, 800, 70_000, 2)
    yield "21-just-before", on_the_minute(rng, 1000, 400, -1, 10**9)
    yield "22-tail", tail(rng, 1500, 20, 10**8, 4000)
    yield "23-ring", one_ring(rng, 3000, 10**14, 10**9)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61002)
    yield from small_cases(rng)
    yield "24-drawn", drawn(rng, 8000, 10**13, 10**9)
    yield "25-long-tail", tail(rng, 50_000, 300, 10**18, 10**9)
    yield "26-ring", one_ring(rng, 50_000, 10**18, 3)
    yield "27-drawn", drawn(rng, 60_000, 10**18 - 12_345, 10**6)
    yield "28-on-the-minute", on_the_minute(rng, 70_000, 10**7, 0, 10**8)
    yield "29-ring", one_ring(rng, 100_000, 10**18 - 1, 10**4)
    yield "30-tail-into-one", tail(rng, 100_000, 1, 10**18, 10**3)
    yield "31-long-tail", tail(rng, 99_991, 40_000, 987_654_321_987_654_321, 10**4)
    yield "32-just-before", on_the_minute(rng, 100_000, 10**10, -1, 10**5)
