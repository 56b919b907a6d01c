"""Make the secret inputs of Last Pebble."""

import random
from collections.abc import Iterator

MOST = 50_000


def encode(takes: list[int], heaps: list[int]) -> bytes:
    """Write one input."""
    rows = [" ".join(map(str, row)) for row in (sorted(takes), heaps)]
    return f"{len(takes)} {len(heaps)}\n{rows[0]}\n{rows[1]}\n".encode()


def takes_between(rng: random.Random, k: int, low: int, high: int) -> list[int]:
    """Draw k different numbers from low..high."""
    return rng.sample(range(low, high + 1), k)


def heaps_up_to(rng: random.Random, q: int, most: int) -> list[int]:
    """Draw heaps from 1..most."""
    return [1 + int(rng.random() * most) for _ in range(q)]


def all_up_to(rng: random.Random, most: int) -> list[int]:
    """Ask for every heap once, in any order."""
    heaps = list(range(1, most + 1))
    rng.shuffle(heaps)
    return heaps


def large_heaps(rng: random.Random, q: int) -> list[int]:
    """Draw heaps from the largest tenth."""
    return [MOST - int(rng.random() * (MOST // 10)) for _ in range(q)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-take-one", encode([1], [1])
    yield "02-stuck-at-once", encode([3], [2])
    yield "03-stuck-later", encode([3], [3, 4, 6])
    yield "04-two-or-three", encode([2, 3], [1, 5, 6])
    yield "05-one-to-three", encode([1, 2, 3], [4, 8, 9])
    yield "06-flee-to-a-draw", encode([2, 7], list(range(1, 12)))
    yield "07-largest-is-bad", encode([1, 3, 4], list(range(1, 12)))
    yield "08-even-only", encode([2, 4, 6], list(range(1, 20)))
    yield "09-large-take", encode([5, 49_999], list(range(1, 20)))
    yield "10-far-apart", encode([3, 10, 11], list(range(5, 30)))
    yield "11-drawn", encode(takes_between(rng, 3, 1, 9), heaps_up_to(rng, 25, 60))
    yield "12-drawn", encode(takes_between(rng, 4, 2, 20), heaps_up_to(rng, 30, 99))
    yield "13-powers", encode([1, 2, 4, 8, 16, 32], heaps_up_to(rng, 30, 150))
    yield "14-squares", encode([4, 9, 16, 25], heaps_up_to(rng, 40, 200))
    yield "15-all", encode(takes_between(rng, 3, 3, 12), all_up_to(rng, 60))
    yield "16-drawn", encode(takes_between(rng, 8, 1, 40), heaps_up_to(rng, 70, 250))
    yield "17-pairs", encode([6, 15], all_up_to(rng, 90))
    yield "18-drawn", encode(takes_between(rng, 5, 2, 30), all_up_to(rng, 100))
    yield "19-ones", encode([1, 6, 10], all_up_to(rng, 120))
    yield "20-drawn", encode(takes_between(rng, 6, 5, 60), all_up_to(rng, 150))
    yield "21-multiples", encode([5, 10, 25], all_up_to(rng, 180))
    yield "22-drawn", encode(takes_between(rng, 10, 1, 90), all_up_to(rng, 200))
    yield "23-twenty", encode(takes_between(rng, 20, 1, 150), all_up_to(rng, 240))
    yield "24-drawn", encode(takes_between(rng, 4, 2, 50), all_up_to(rng, 280))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61005)
    yield from small_cases(rng)
    yield "25-twenty", encode(takes_between(rng, 20, 1, 1000), heaps_up_to(rng, 20_000, MOST))
    yield "26-all", encode(takes_between(rng, 20, 200, 5000), all_up_to(rng, MOST))
    yield "27-two", encode([1, 3], large_heaps(rng, 40_000))
    yield "28-squares", encode([i * i for i in range(2, 20)], heaps_up_to(rng, 50_000, MOST))
    yield "29-one-to-nineteen", encode(list(range(1, 20)), large_heaps(rng, 50_000))
    yield "30-multiples", encode([7 * i for i in range(1, 21)], large_heaps(rng, 50_000))
    yield "31-large-takes", encode(takes_between(rng, 20, 100, MOST), heaps_up_to(rng, 45_000, MOST))
    yield "32-even", encode([2 * i for i in range(1, 16)], large_heaps(rng, 49_999))
