"""Make the secret inputs of Restless Multiples."""

import random
from collections.abc import Iterator

LONGEST = 1000


def encode(k: int, a: int, b: int) -> bytes:
    """Write one input."""
    return f"{k}\n{a}\n{b}\n".encode()


def from_digits(digits: list[int]) -> int:
    """Return the number that digits stand for."""
    return int("".join(map(str, digits)))


def restless(rng: random.Random, length: int) -> list[int]:
    """Draw a restless number's digits."""
    digits = [1 + int(rng.random() * 9)]
    while len(digits) < length:
        digits.append((digits[-1] + 1 + int(rng.random() * 9)) % 10)
    return digits


def any_digits(rng: random.Random, length: int) -> list[int]:
    """Draw any number's digits."""
    return [1 + int(rng.random() * 9)] + [int(rng.random() * 10) for _ in range(length - 1)]


def narrow(rng: random.Random, k: int, length: int, width: int) -> bytes:
    """Let b be a little more than a, and a begin with restless digits: there are few integers to look at."""
    a = from_digits(restless(rng, length))
    return encode(k, a, a + width)


def same_start(rng: random.Random, k: int, length: int, free: int) -> bytes:
    """Let both numbers begin in the same restless way, and end in `free` digits of their own."""
    start = restless(rng, length - free)
    ends = sorted(from_digits(start + any_digits(rng, free)) for _ in range(2))
    return encode(k, ends[0], ends[1])


def wide(rng: random.Random, k: int, shorter: int, longer: int, *, calm: bool = False) -> bytes:
    """Draw two numbers of these lengths, the second one perhaps with equal neighbours in many places."""
    b = any_digits(rng, longer) if calm else restless(rng, longer)
    return encode(k, from_digits(any_digits(rng, shorter)), from_digits(b))


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases with few integers to look at."""
    yield "01-one-digit", encode(1, 1, 9)
    yield "02-only-one", encode(3, 6, 6)
    yield "03-not-restless", encode(1, 11, 11)
    yield "04-tens", encode(10, 10, 99)
    yield "05-both-ends", encode(5, 15, 35)
    yield "06-zeros", encode(1, 99, 1010)
    yield "07-equal-digits", encode(2, 1, 1144)
    yield "08-no-multiple", encode(29, 30, 57)
    yield "09-ends-calm", encode(1, 1, 7755)
    yield "10-thousands", encode(7, 1000, 9999)
    yield "11-elevens", encode(11, 1, 9999)
    yield "12-drawn", wide(rng, 13, 2, 4)
    yield "13-narrow", narrow(rng, 3, 22, 400)
    yield "14-narrow", narrow(rng, 1, 25, 900)
    yield "15-same-start", same_start(rng, 6, 24, 3)
    yield "16-same-start", same_start(rng, 1, 30, 3)
    yield "17-narrow", narrow(rng, 30, 40, 5000)
    yield "18-same-start", same_start(rng, 17, 60, 3)
    yield "19-narrow", narrow(rng, 9, 90, 2000)
    yield "20-same-start", same_start(rng, 25, 130, 4)
    yield "21-narrow", narrow(rng, 8, 200, 1000)
    yield "22-same-start", same_start(rng, 1, 250, 3)
    yield "23-narrow", narrow(rng, 12, 300, 3000)
    yield "24-same-start", same_start(rng, 19, 400, 4)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61012)
    yield from small_cases(rng)
    yield "25-wide", wide(rng, 7, 380, 500)
    yield "26-calm", wide(rng, 1, 480, 501, calm=True)
    yield "27-wide", wide(rng, 30, 499, 700)
    yield "28-same-start", same_start(rng, 29, 900, 200)
    yield "29-largest", encode(30, 1, 10**LONGEST - 1)
    yield "30-wide", wide(rng, 28, 999, LONGEST)
    yield "31-calm", wide(rng, 23, 998, LONGEST, calm=True)
    yield "32-same-start", same_start(rng, 30, LONGEST, 300)
