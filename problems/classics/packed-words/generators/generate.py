"""Make the secret inputs of Packed Words."""

import random
from collections.abc import Iterator

Runs = list[tuple[int, str]]
MOST = 10**9
RUNS = 60_000


def encode(first: Runs, second: Runs) -> bytes:
    """Write one input."""
    words = ("".join(f"{count}{letter}" for count, letter in runs) for runs in (first, second))
    return "".join(f'"{word}"\n' for word in words).encode()


def drawn(rng: random.Random, runs: int, largest: int, letters: str) -> Runs:
    """Draw runs with counts up to `largest`."""
    return [(1 + int(rng.random() * largest), letters[int(rng.random() * len(letters))]) for _ in range(runs)]


def repacked(rng: random.Random, runs: Runs, share: float) -> Runs:
    """Pack the same word in another way: split a share of the runs in two."""
    result = []
    for count, letter in runs:
        if count > 1 and rng.random() < share:
            part = 1 + int(rng.random() * (count - 1))
            result += [(part, letter), (count - part, letter)]
        else:
            result.append((count, letter))
    return result


def changed(runs: Runs, place: int, more: int, letter: str = "") -> Runs:
    """Lengthen one run, or give it another letter."""
    count, old = runs[place]
    return [*runs[:place], (count + more, letter or old), *runs[place + 1 :]]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-same", encode([(1, "a")], [(1, "a")])
    yield "02-other-letter", encode([(1, "a")], [(1, "b")])
    yield "03-shorter", encode([(3, "a")], [(2, "a")])
    yield "04-split", encode([(3, "a")], [(1, "a"), (2, "a")])
    yield "05-longer-run", encode([(3, "a"), (2, "b")], [(4, "a"), (2, "b")])
    yield "06-two-more-runs", encode([(1, "a")], [(1, "a"), (5, "a"), (1, "b")])
    yield "07-two-digits", encode([(12, "a"), (1, "b")], [(2, "a"), (10, "a"), (3, "b")])
    yield "08-splits-cross", encode([(3, "a"), (4, "a"), (1, "c")], [(5, "a"), (2, "a"), (1, "d")])
    runs = drawn(rng, 5, 4, "ab")
    yield "09-repacked", encode(runs, repacked(rng, runs, 0.9))
    runs = drawn(rng, 7, 9, "abc")
    yield "10-last-longer", encode(repacked(rng, runs, 0.5), changed(runs, 6, 3))
    yield "11-drawn", encode(drawn(rng, 8, 3, "a"), drawn(rng, 9, 3, "a"))
    runs = drawn(rng, 12, 20, "xy")
    yield "12-letter-changed", encode(repacked(rng, runs, 0.6), changed(runs, 9, 0, "z"))
    runs = drawn(rng, 20, 5, "ab")
    yield "13-prefix", encode(repacked(rng, runs[:17], 0.5), repacked(rng, runs, 0.5))
    runs = drawn(rng, 30, 30, "abcdef")
    yield "14-one-more", encode(repacked(rng, runs, 0.4), repacked(rng, changed(runs, 22, 1), 0.4))
    runs = drawn(rng, 50, 2, "ab")
    yield "15-repacked", encode(repacked(rng, runs, 0.9), repacked(rng, runs, 0.9))
    runs = drawn(rng, 60, 99, "abc")
    yield "16-letter-changed", encode(runs, repacked(rng, changed(runs, 55, 0, "q"), 0.7))
    yield "17-one-letter", encode(drawn(rng, 100, 50, "m"), drawn(rng, 90, 50, "m"))
    runs = drawn(rng, 150, 999, "abcdefghijkl")
    yield "18-repacked", encode(repacked(rng, runs, 0.3), runs)
    runs = drawn(rng, 200, 50, "st")
    yield "19-first-differs", encode(runs, changed(runs, 0, 1))
    runs = drawn(rng, 300, 500, "abc")
    yield "20-prefix", encode(repacked(rng, runs, 0.2), repacked(rng, runs[:299], 0.9))
    runs = drawn(rng, 400, 100, "xyz")
    yield "21-one-more", encode(repacked(rng, runs, 0.5), repacked(rng, changed(runs, 377, 1), 0.5))
    yield "22-one-letter", encode(drawn(rng, 600, 9, "a"), drawn(rng, 700, 9, "a"))
    runs = drawn(rng, 1000, 100, "abcdefg")
    yield "23-repacked", encode(repacked(rng, runs, 0.5), repacked(rng, runs, 0.5))
    runs = drawn(rng, 1500, 50, "ab")
    yield "24-letter-changed", encode(runs, repacked(rng, changed(runs, 1490, 0, "c"), 0.5))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71002)
    yield from small_cases(rng)
    runs = drawn(rng, 3000, MOST, "abc")
    yield "25-repacked", encode(repacked(rng, runs, 0.5), repacked(rng, runs, 0.5))
    runs = drawn(rng, 20_000, MOST, "uvw")
    yield "26-one-less", encode(runs, repacked(rng, changed(runs, 19_000, -1), 0.4))
    runs = drawn(rng, 30_000, 50_000, "ab")
    yield "27-repacked", encode(repacked(rng, runs, 0.9), repacked(rng, runs, 0.9))
    yield "28-short-runs", encode([(1, "a")] * RUNS, [(1, "a")] * (RUNS - 1) + [(1, "b")])
    yield "29-one-letter", encode(drawn(rng, RUNS, 9, "k"), drawn(rng, 50_000, 9, "k"))
    yield "30-long-runs", encode([(MOST, "z")] * 30_000, [(MOST - 1, "z"), *[(MOST, "z")] * 29_999])
    runs = drawn(rng, 33_000, MOST, "pq")
    yield (
        "31-letter-changed",
        encode(repacked(rng, runs, 0.7), repacked(rng, changed(runs, 32_000, 0, "r"), 0.7)),
    )
    runs = drawn(rng, 39_000, MOST, "abcdefghij")
    yield "32-repacked", encode(repacked(rng, runs, 0.5), repacked(rng, runs, 0.5))
