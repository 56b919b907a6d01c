"""Make the secret inputs of Hired Crew."""

import random
from collections.abc import Callable, Iterator

Sailor = tuple[int, list[int]]
Price = Callable[[random.Random, int], int]


def encode(rng: random.Random, k: int, sailors: list[Sailor]) -> bytes:
    """Write one input: skills renumbered at random, sailors shuffled."""
    number = list(range(1, k + 1))
    rng.shuffle(number)
    rng.shuffle(sailors)
    lines = [f"{len(sailors)} {k}\n"]
    for price, skills in sailors:
        lines.append(" ".join(map(str, (price, len(skills), *sorted(number[i] for i in skills)))) + "\n")
    return "".join(lines).encode()


def drawn(rng: random.Random, n: int, k: int, share: float, price: Price) -> list[Sailor]:
    """Give each sailor about this share of the skills, one at least."""
    sailors = []
    for _ in range(n):
        skills = [i for i in range(k) if rng.random() < share] or [int(rng.random() * k)]
        sailors.append((price(rng, len(skills)), skills))
    return sailors


def any_price(rng: random.Random, _skills: int) -> int:
    """Draw a price up to 10**9."""
    return 1 + int(rng.random() * 10**9)


def fair_price(rng: random.Random, skills: int) -> int:
    """Pay about the same for each skill."""
    return 1000 * skills + int(rng.random() * 300)


def dear_price(rng: random.Random, _skills: int) -> int:
    """Draw a price near 10**9."""
    return 10**9 - int(rng.random() * 1000)


def overlapping(rng: random.Random, k: int, dear: int) -> list[Sailor]:
    """Let cheap sailors share skills with their neighbours; whoever fits without overlap costs more."""
    cheap = [(100 + int(rng.random() * 10), [i, i + 1, i + 2]) for i in range(0, k - 2, 2)]
    exact = [(dear + int(rng.random() * 50), list(range(i, min(i + 3, k)))) for i in range(0, k, 3)]
    return [*cheap, *exact, (105, [k - 2, k - 1])]


def lure(rng: random.Random, k: int, noise: int) -> list[Sailor]:
    """Let two halves cover all, beside a sailor with the best price per skill who makes both still needed."""
    half = k // 2
    sailors = [(1000 * half, list(range(half))), (1000 * (k - half), list(range(half, k)))]
    sailors.append((900 * (half + 1) // 2, list(range(half // 2, half // 2 + (half + 1) // 2 + 1))))
    return sailors + drawn(rng, noise, k, 0.2, lambda r, s: 2500 * s + int(r.random() * 100))


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-one-skill", encode(rng, 1, [(10**9, [0])])
    yield "02-not-enough", encode(rng, 2, [(1, [0])])
    yield "03-two", encode(rng, 2, [(5, [0]), (6, [1]), (12, [0, 1])])
    yield "04-overlap", encode(rng, 3, [(3, [0, 1]), (3, [1, 2]), (9, [2]), (8, [0])])
    yield "05-large", encode(rng, 4, [(10**9 - i, [i]) for i in range(4)])
    yield "06-lure", encode(rng, 6, lure(rng, 6, 0))
    yield "07-overlap", encode(rng, 7, overlapping(rng, 7, 300))
    yield "08-drawn", encode(rng, 4, drawn(rng, 8, 4, 0.4, any_price))
    yield "09-not-enough", encode(rng, 8, drawn(rng, 9, 7, 0.4, fair_price))
    yield "10-lure", encode(rng, 10, lure(rng, 10, 3))
    yield "11-fair", encode(rng, 6, drawn(rng, 12, 6, 0.4, fair_price))
    yield "12-large", encode(rng, 12, [(10**9 - i, [i]) for i in range(12)])
    yield "13-drawn", encode(rng, 9, drawn(rng, 15, 9, 0.3, any_price))
    yield "14-all-skills", encode(rng, 12, drawn(rng, 6, 12, 1.0, any_price))
    yield "15-overlap", encode(rng, 12, overlapping(rng, 12, 250))
    yield "16-fair", encode(rng, 8, drawn(rng, 20, 8, 0.5, fair_price))
    yield "17-lure", encode(rng, 12, lure(rng, 12, 20))
    yield "18-drawn", encode(rng, 10, drawn(rng, 30, 10, 0.2, any_price))
    yield "19-dear", encode(rng, 11, drawn(rng, 30, 11, 0.2, dear_price))
    yield "20-fair", encode(rng, 12, drawn(rng, 30, 12, 0.3, fair_price))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(53007)
    yield from small_cases(rng)
    yield "21-single-skills", encode(rng, 12, drawn(rng, 50, 12, 0.0, any_price))
    yield "22-fair", encode(rng, 9, drawn(rng, 60, 9, 0.3, fair_price))
    yield "23-lure", encode(rng, 11, lure(rng, 11, 50))
    yield "24-drawn", encode(rng, 12, drawn(rng, 50, 12, 0.3, any_price))
    yield "25-fair", encode(rng, 12, drawn(rng, 40_000, 12, 0.3, fair_price))
    yield "26-drawn", encode(rng, 12, drawn(rng, 40_000, 12, 0.15, any_price))
    yield "27-single-skills", encode(rng, 12, drawn(rng, 20_000, 12, 0.0, any_price))
    yield "28-dear", encode(rng, 12, drawn(rng, 15_000, 12, 0.2, dear_price))
    yield "29-lure", encode(rng, 12, lure(rng, 12, 15_000))
    yield "30-not-enough", encode(rng, 12, drawn(rng, 15_000, 11, 0.3, fair_price))
