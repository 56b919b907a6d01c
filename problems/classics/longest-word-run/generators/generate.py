"""Make the secret inputs of Longest Word Run."""

import random
from collections.abc import Iterator

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def encode(words: list[str]) -> bytes:
    """Write one input."""
    return "".join([f"{len(words)}\n", *(f"{word}\n" for word in words)]).encode()


def vocabulary(rng: random.Random, size: int, longest: int) -> list[str]:
    """Draw words of 1 to `longest` letters; some may be equal."""
    return ["".join(rng.choice(LETTERS) for _ in range(rng.randrange(1, longest + 1))) for _ in range(size)]


def independent(seed: int, n: int, size: int, longest: int) -> bytes:
    """Every line is drawn by itself, so runs are short and there are many ties."""
    rng = random.Random(seed)
    words = vocabulary(rng, size, longest)
    return encode([rng.choice(words) for _ in range(n)])


def runs(seed: int, n: int, size: int, longest_run: int) -> bytes:
    """Runs of 1 to `longest_run` lines."""
    rng = random.Random(seed)
    words = vocabulary(rng, size, 12)
    lines: list[str] = []
    while len(lines) < n:
        lines += [rng.choice(words)] * rng.randrange(1, longest_run + 1)
    return encode(lines[:n])


def equal_runs(seed: int, size: int, length: int) -> bytes:
    """Distinct words in random order, all in runs of one length: only the tie-break decides."""
    rng = random.Random(seed)
    words = sorted(set(vocabulary(rng, size, 10)))
    rng.shuffle(words)
    return encode([word for word in words for _ in range(length)])


def last_wins(seed: int, n: int, length: int) -> bytes:
    """Short runs, and at the very end the longest one."""
    rng = random.Random(seed)
    words = vocabulary(rng, 40, 6)
    return encode([rng.choice(words) for _ in range(n - length)] + ["tail"] * length)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-empty", encode([])
    yield "02-single", encode(["a"])
    yield "03-one-run", encode(["zz"] * 4)
    yield "04-tie", encode(["b", "a", "c"])
    yield "05-tie-of-runs", encode(["m", "m", "k", "z", "z", "l", "l"])
    yield "06-last-line", encode(["x", "y", "y", "x", "x", "x"])
    yield "07-prefixes", encode(["abc", "abc", "ab", "ab", "abcd", "abcd", "b", "b"])
    yield "08-scattered", encode(["go"] + ["stop", "go"] * 6 + ["wait", "wait"])
    yield "09-two-letters", independent(9, 60, 2, 1)
    yield "10-lengths", encode(["aaaaaaaaaaaa", "b", "b", "aaaaaaaaaaaa", "aaaaaaaaaaaa", "c", "c"] * 4)
    yield "11-last-wins", last_wins(11, 150, 9)
    yield "12-runs", runs(12, 250, 8, 12)
    yield "13-ties", equal_runs(13, 200, 3)
    yield "14-independent", independent(14, 1500, 4, 5)
    yield "15-runs", runs(15, 2500, 30, 400)
    yield "16-last-wins", last_wins(16, 9000, 40)
    yield "17-runs", runs(17, 25000, 200, 60)
    yield "18-one-run", encode(["run"] * 150000)
    yield "19-two-runs", encode(["two"] * 100000 + ["one"] * 100000)
    yield "20-long-runs", runs(20, 110000, 50, 70000)
    yield "21-last-wins", last_wins(21, 200000, 90000)
    yield "22-long-words", encode(["abcdefghijkl"] * 60000 + ["abcdefghijkm"] * 60000)
    yield "23-ties", equal_runs(23, 2, 100000)
    yield "24-all-equal", encode(["aaaaaaaaaaaa"] * 200000)
    yield "25-first-word", encode(["q", "q", "p"])
    yield "26-tie", encode(["b", "b", "a", "a"])
    yield "27-again", encode(["a", "b", "a", "b", "b", "a", "a"])
    yield "28-independent", independent(28, 30, 3, 2)
    yield "29-runs", runs(29, 90, 5, 6)
    yield "30-ties", equal_runs(30, 60, 2)
    yield "31-last-wins", last_wins(31, 600, 12)
    yield "32-runs", runs(32, 1500, 12, 80)
