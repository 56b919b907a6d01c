"""Make the secret inputs of Odd Calculator."""

import random
from collections.abc import Iterator


def encode(m: int, a: int, b: int, worn: set[int]) -> bytes:
    """Write one input; a and b are never worn."""
    numbers = sorted(worn - {a, b})
    return f"{m} {a} {b} {len(numbers)}\n{' '.join(map(str, numbers))}\n".encode()


def some(rng: random.Random, m: int, k: int) -> set[int]:
    """Draw about k numbers."""
    return {int(rng.random() * (m + 1)) for _ in range(k)}


def anywhere(rng: random.Random, m: int, k: int) -> bytes:
    """Draw a, b and about k worn numbers."""
    return encode(m, int(rng.random() * (m + 1)), int(rng.random() * (m + 1)), some(rng, m, k))


def closed(m: int, a: int, b: int, worn: set[int]) -> bytes:
    """Wear out all numbers from which a key leads to b."""
    before = {b - 1, *range(10 * b, 10 * b + 10)} | ({b // 2} if b % 2 == 0 else set())
    return encode(m, a, b, worn | {number for number in before if 0 <= number <= m})


def no_tens(rng: random.Random, m: int, a: int, b: int, k: int) -> bytes:
    """Wear out most multiples of ten, so that adding 1 does not lead far, and draw about k more."""
    tens = {number for number in range(10, m, 10) if rng.random() < 0.9}
    return encode(m, a, b, tens | some(rng, m, k))


def no_doubles(m: int, a: int, b: int) -> bytes:
    """Wear out every second number of the upper half, so that it is hard to move there."""
    return encode(m, a, b, set(range(m // 2 + 1, m, 2)))


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-nothing-to-do", encode(0, 0, 0, set())
    yield "02-one-step", encode(9, 3, 4, set())
    yield "03-above-the-display", encode(9, 8, 1, set())
    yield "04-delete", encode(99, 87, 8, set())
    yield "05-double-or-add", encode(20, 5, 11, set())
    yield "06-start-at-zero", encode(30, 0, 12, {2})
    yield "07-closed", closed(15, 3, 10, set())
    yield "08-over-the-top", encode(12, 10, 3, {1})
    yield "09-down-and-up", encode(40, 39, 30, {3})
    yield "10-worn", anywhere(rng, 30, 8)
    yield "11-closed", closed(50, 20, 7, set())
    yield "12-worn", encode(60, 1, 50, {4, 5, 12, 24, 48})
    yield "13-no-tens", encode(99, 45, 78, set(range(50, 99, 10)))
    yield "14-worn", anywhere(rng, 100, 20)
    yield "15-half", encode(64, 3, 63, set(range(33, 63, 2)))
    yield "16-worn", anywhere(rng, 120, 40)
    yield "17-top", encode(99, 50, 99, set(range(20, 90, 3)))
    yield "18-worn", anywhere(rng, 250, 60)
    yield "19-closed", closed(300, 17, 250, some(rng, 300, 60))
    yield "20-no-tens", no_tens(rng, 500, 2, 499, 50)
    yield "21-worn", anywhere(rng, 600, 200)
    yield "22-half", no_doubles(800, 9, 799)
    yield "23-worn", anywhere(rng, 999, 400)
    yield "24-closed", closed(1500, 1, 1499, some(rng, 1500, 500))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61003)
    yield from small_cases(rng)
    yield "25-closed", closed(100_000, 0, 65_432, some(rng, 100_000, 1000))
    yield "26-no-tens", no_tens(rng, 99_999, 12, 98_765, 900)
    yield "27-half", no_doubles(99_998, 5, 99_997)
    yield "28-worn", closed(100_000, 3, 77_777, some(rng, 100_000, 5000))
    yield "29-closed", closed(100_000, 99_999, 31, some(rng, 100_000, 9000))
    yield "30-no-tens", no_tens(rng, 100_000, 1, 99_999, 4000)
    yield "31-worn", closed(99_999, 0, 50_001, some(rng, 99_999, 15_000))
    yield "32-worn", closed(100_000, 8, 99_998, some(rng, 100_000, 22_000))
