"""Make the secret inputs of Linked Dials."""

import random
from collections.abc import Iterator

Pair = tuple[int, int]


class Safe:
    """Hidden positions of the dials, under which true notes and false ones are written."""

    def __init__(self, rng: random.Random, n: int, m: int) -> None:
        self.rng, self.n, self.m = rng, n, m
        self.shown = [int(rng.random() * m) for _ in range(n)]
        self.events: list[str] = []

    def below(self, bound: int) -> int:
        """Draw an integer from 0 to `bound` - 1."""
        return int(self.rng.random() * bound)

    def note(self, a: int, b: int, lie: float = 0.0) -> None:
        """Write a note on two dials, false with probability `lie`."""
        if self.rng.random() < 0.5:
            a, b = b, a
        ahead = (self.shown[b] - self.shown[a]) % self.m
        if self.rng.random() < lie:
            ahead = self.below(self.m)
        self.events.append(f"note {a + 1} {b + 1} {ahead}")

    def ask(self, a: int, b: int) -> None:
        """Ask about two dials."""
        self.events.append(f"ask {a + 1} {b + 1}")

    def encode(self) -> bytes:
        """Write the input."""
        return "\n".join([f"{self.n} {self.m} {len(self.events)}", *self.events, ""]).encode()


def mixed(rng: random.Random, n: int, m: int, q: int, lie: float, notes: float = 0.5) -> bytes:
    """Draw events on any two dials."""
    safe = Safe(rng, n, m)
    for _ in range(q):
        a, b = safe.below(n), safe.below(n)
        if rng.random() < notes:
            safe.note(a, b, lie)
        else:
            safe.ask(a, b)
    return safe.encode()


def linked(rng: random.Random, n: int, m: int, q: int, pairs: list[Pair], lie: float) -> bytes:
    """Believe the notes on these pairs of dials first; then draw questions and notes."""
    safe = Safe(rng, n, m)
    for a, b in pairs:
        safe.note(a, b)
    while len(safe.events) < q:
        a, b = safe.below(n), safe.below(n)
        if rng.random() < 0.3:
            safe.note(a, b, lie)
        else:
            safe.ask(a, b)
    return safe.encode()


def row(rng: random.Random, n: int) -> list[Pair]:
    """Link the dials in a row, the links in any order."""
    pairs = [(i, i + 1) for i in range(n - 1)]
    rng.shuffle(pairs)
    return pairs


def star(n: int) -> list[Pair]:
    """Link all dials with the last one."""
    return [(i, n - 1) for i in range(n - 1)]


def merging(n: int) -> list[Pair]:
    """Link groups of equal size pairwise, by their last dials, until one is left."""
    pairs, size = [], 1
    while size < n:
        pairs += [(i + size - 1, min(i + 2 * size, n) - 1) for i in range(0, n - size, 2 * size)]
        size *= 2
    return pairs


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one-dial", b"1 5 3\nask 1 1\nnote 1 1 0\nnote 1 1 3\n"
    yield "02-open", b"2 10 1\nask 2 1\n"
    yield "03-back", b"2 10 2\nnote 1 2 3\nask 2 1\n"
    yield "04-one-position", mixed(rng, 3, 1, 6, 0.5)
    yield "05-chain", b"3 1000000000 4\nnote 1 2 999999999\nnote 2 3 999999998\nask 1 3\nask 3 1\n"
    yield "06-false", b"3 7 5\nnote 2 1 3\nnote 2 3 5\nnote 1 3 3\nask 1 3\nnote 3 1 5\n"
    yield "07-mixed", mixed(rng, 4, 3, 12, 0.3)
    yield "08-two-groups", b"4 9 7\nnote 1 2 2\nnote 3 4 4\nask 1 4\nnote 2 4 1\nask 1 3\nask 3 2\nask 4 1\n"
    yield "09-mixed", mixed(rng, 6, 10**9, 20, 0.2)
    yield "10-row", linked(rng, 10, 12, 30, row(rng, 10), 0.5)
    yield "11-star", linked(rng, 12, 10**9, 40, star(12), 0.5)
    yield "12-merging", linked(rng, 16, 2, 50, merging(16), 0.5)
    yield "13-mixed", mixed(rng, 30, 100, 80, 0.1)
    yield "14-sparse", mixed(rng, 200, 10**6, 120, 0.1)
    yield "15-row", linked(rng, 60, 999_999_937, 150, row(rng, 60), 0.3)
    yield "16-mixed", mixed(rng, 80, 7, 250, 0.05)
    yield "17-merging", linked(rng, 128, 10**9, 300, merging(128), 0.4)
    yield "18-false", mixed(rng, 100, 5, 400, 1.0)
    yield "19-notes", mixed(rng, 200, 10**8, 500, 0.2, 0.9)
    yield "20-star", linked(rng, 300, 360, 600, star(300), 0.5)
    yield "21-row", linked(rng, 300, 10**9, 700, row(rng, 300), 0.5)
    yield "22-mixed", mixed(rng, 400, 10**9, 900, 0.01)
    yield "23-questions", mixed(rng, 500, 1000, 1000, 0.1, 0.4)
    yield "24-merging", linked(rng, 512, 11, 1100, merging(512), 0.9)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61004)
    yield from small_cases(rng)
    yield "25-mixed", mixed(rng, 3000, 10**6, 9000, 0.1)
    yield "26-mixed", mixed(rng, 10_000, 10**9, 30_000, 0.02)
    yield "27-row", linked(rng, 30_000, 10**9, 60_000, row(rng, 30_000), 0.5)
    yield "28-row-in-order", linked(rng, 30_000, 10**9, 60_000, sorted(row(rng, 30_000)), 0.5)
    yield "29-merging", linked(rng, 32_768, 3, 60_000, merging(32_768), 0.5)
    yield "30-star", linked(rng, 30_000, 999_999_999, 60_000, star(30_000), 0.1)
    yield "31-false", mixed(rng, 20_000, 10**9, 60_000, 1.0, 0.6)
    yield "32-notes", mixed(rng, 50_000, 10**9, 60_000, 0.1, 0.9)
