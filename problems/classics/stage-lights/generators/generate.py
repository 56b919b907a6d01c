"""Make the secret inputs of Stage Lights."""

import random
from collections.abc import Iterator

Wish = tuple[str, int, int]

KINDS = ("same", "differ", "either", "never")


def below(rng: random.Random, bound: int) -> int:
    """Draw an integer from 0 to `bound` - 1."""
    return int(rng.random() * bound)


def encode(rng: random.Random, n: int, wishes: list[Wish], *, ordered: bool = False) -> bytes:
    """Write one input, the wishes shuffled and the lights renumbered unless they are `ordered`."""
    number = list(range(1, n + 1))
    if not ordered:
        rng.shuffle(number)
    rng.shuffle(wishes)
    lines = [f"{n} {len(wishes)}\n"]
    for kind, a, b in wishes:
        if rng.random() < 0.5:
            a, b = b, a
        lines.append(f"{kind} {number[a]} {number[b]}\n")
    return "".join(lines).encode()


def fits(kind: str, a: bool, b: bool) -> bool:
    """Tell whether two lights fulfil a wish."""
    return {"same": a == b, "differ": a != b, "either": a or b, "never": not (a and b)}[kind]


def two(rng: random.Random, n: int) -> tuple[int, int]:
    """Draw two lights."""
    a, b = below(rng, n), below(rng, n - 1)
    return a, b + (b >= a)


def drawn(rng: random.Random, n: int, m: int, kinds: tuple[str, ...] = KINDS) -> list[Wish]:
    """Draw wishes with no regard to whether they can be fulfilled."""
    return [(kinds[below(rng, len(kinds))], *two(rng, n)) for _ in range(m)]


def planted(rng: random.Random, n: int, m: int, kinds: tuple[str, ...] = KINDS) -> list[Wish]:
    """Draw wishes that some setting of the lights fulfils."""
    on = [rng.random() < 0.5 for _ in range(n)]
    wishes: list[Wish] = []
    while len(wishes) < m:
        kind, (a, b) = kinds[below(rng, len(kinds))], two(rng, n)
        if fits(kind, on[a], on[b]):
            wishes.append((kind, a, b))
    return wishes


def chain(n: int, *, leads_nowhere: bool) -> list[Wish]:
    """Let every other light imply the next but one; if it leads nowhere, the last of them must not be on."""
    wishes: list[Wish] = []
    for i in range(0, n - 3, 2):
        wishes += [("never", i, i + 1), ("either", i + 1, i + 2)]
    if leads_nowhere:
        last = n - 3 if n % 2 else n - 2
        wishes += [("never", last, last + 1), ("same", last, last + 1)]
    return wishes


def ring(rng: random.Random, n: int, *, odd: bool) -> list[Wish]:
    """Close a ring of same and differ, with an odd number of those that differ if so asked."""
    kinds = [KINDS[below(rng, 2)] for _ in range(n)]
    if kinds.count("differ") % 2 != odd:
        kinds[0] = "same" if kinds[0] == "differ" else "differ"
    return [(kind, i, (i + 1) % n) for i, kind in enumerate(kinds)]


def cross(n: int) -> list[Wish]:
    """Let two lights be impossible whichever way, with n others in between."""
    wishes: list[Wish] = [("same", i, i + 1) for i in range(n - 1)]
    return [*wishes, ("either", 0, n - 1), ("never", n // 2, 0)]


LOOSE = ("either", "never")


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-same", encode(rng, 2, [("same", 0, 1)])
    yield "02-one-on", encode(rng, 2, [("either", 0, 1), ("never", 0, 1)])
    yield "03-odd-ring", encode(rng, 3, ring(rng, 3, odd=True))
    yield "04-both-on", encode(rng, 2, [("either", 0, 1), ("same", 0, 1)])
    yield "05-cross", encode(rng, 3, cross(3))
    yield "06-planted", encode(rng, 4, planted(rng, 4, 5))
    yield "07-both-off", encode(rng, 3, [("never", 0, 1), ("same", 0, 1), ("either", 1, 2)])
    yield "08-loose", encode(rng, 6, planted(rng, 6, 9, LOOSE))
    yield "09-nowhere", encode(rng, 9, chain(9, leads_nowhere=True), ordered=True)
    yield "10-drawn", encode(rng, 12, drawn(rng, 12, 12))
    yield "11-planted", encode(rng, 14, planted(rng, 14, 20))
    yield "12-drawn", encode(rng, 30, drawn(rng, 30, 45, LOOSE))
    yield "13-ring", encode(rng, 40, ring(rng, 40, odd=False))
    yield "14-nowhere", encode(rng, 51, chain(51, leads_nowhere=True), ordered=True)
    yield "15-planted", encode(rng, 60, planted(rng, 60, 100, LOOSE))
    yield "16-cross", encode(rng, 80, cross(80))
    yield "17-drawn", encode(rng, 150, drawn(rng, 150, 110))
    yield "18-planted", encode(rng, 150, planted(rng, 150, 200))
    yield "19-drawn", encode(rng, 260, drawn(rng, 260, 330, LOOSE))
    yield "20-odd-ring", encode(rng, 300, ring(rng, 300, odd=True))
    yield "21-planted", encode(rng, 400, planted(rng, 400, 500, LOOSE))
    yield "22-nowhere", encode(rng, 501, chain(501, leads_nowhere=True), ordered=True)
    yield "23-planted", encode(rng, 600, planted(rng, 600, 700))
    yield "24-drawn", encode(rng, 700, drawn(rng, 700, 640, LOOSE))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61009)
    yield from small_cases(rng)
    yield "25-planted", encode(rng, 3000, planted(rng, 3000, 4000, LOOSE))
    yield "26-drawn", encode(rng, 20_000, drawn(rng, 20_000, 17_000, LOOSE))
    yield "27-nowhere", encode(rng, 20_000, chain(20_000, leads_nowhere=True), ordered=True)
    yield "28-nowhere", encode(rng, 19_999, chain(19_999, leads_nowhere=True), ordered=True)
    yield "29-cross", encode(rng, 20_000, cross(20_000))
    yield "30-planted", encode(rng, 20_000, planted(rng, 20_000, 40_000, LOOSE))
    noise = planted(rng, 20_000, 9000, LOOSE)
    yield "31-two-plans", encode(rng, 20_000, [*planted(rng, 20_000, 31_000), *noise])
    both = [*chain(15_000, leads_nowhere=True), *((k, a + 15_000, b + 15_000) for k, a, b in cross(5000))]
    yield "32-nowhere-and-cross", encode(rng, 20_000, both[:40_000], ordered=True)
