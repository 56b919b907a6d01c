"""Make the secret inputs of Finish the Frieze."""

import random
from collections.abc import Iterator

MOST = 400_000


def encode(text: str) -> bytes:
    """Write one input."""
    return f"{text}\n".encode()


def letters(rng: random.Random, length: int, alphabet: str = "abc") -> str:
    """Draw each letter by itself."""
    return "".join(alphabet[int(rng.random() * len(alphabet))] for _ in range(length))


def periodic(rng: random.Random, length: int, period: int, alphabet: str = "ab") -> str:
    """Repeat a drawn pattern up to a length."""
    pattern = letters(rng, period, alphabet)
    return (pattern * (length // period + 1))[:length]


def two_periods(rng: random.Random, length: int, short: int, long: int) -> str:
    """Draw a text that has two periods, places that they connect being equal."""
    above = list(range(length))

    def root(place: int) -> int:
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    for period in (short, long):
        for place in range(period, length):
            above[root(place)] = root(place - period)
    kinds: dict[int, str] = {}
    return "".join(kinds.setdefault(root(place), letters(rng, 1, "abcdefgh")) for place in range(length))


def bordered(rng: random.Random, length: int, border: int) -> str:
    """Let a text end as it begins."""
    edge = letters(rng, border)
    return edge + letters(rng, length - 2 * border, "def") + edge


def fibonacci(length: int) -> str:
    """Return a text with many borders: the beginning of the word that a -> ab, b -> a grows."""
    older, text = "b", "a"
    while len(text) < length:
        older, text = text, text + older
    return text[:length]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-one", encode("a")
    yield "02-twice", encode("aa")
    yield "03-three", encode("aaa")
    yield "04-no-border", encode("abcd")
    yield "05-short-border", encode("abcda")
    yield "06-done", encode("abababab")
    yield "07-almost-done", encode("abaabaab")
    yield "08-long-border", encode("aabaaabaa")
    yield "09-longer-pattern", encode(two_periods(rng, 15, 7, 10))
    yield "10-bordered", encode(bordered(rng, 16, 5))
    yield "11-longer-pattern", encode(two_periods(rng, 21, 10, 13))
    yield "12-last-differs", encode("a" * 29 + "b")
    yield "13-periodic", encode(periodic(rng, 45, 8))
    yield "14-longer-pattern", encode(two_periods(rng, 62, 30, 35))
    yield "15-drawn", encode(letters(rng, 80))
    yield "16-fibonacci", encode(fibonacci(100))
    yield "17-longer-pattern", encode(two_periods(rng, 207, 101, 110))
    yield "18-periodic", encode(periodic(rng, 300, 61))
    yield "19-bordered", encode(bordered(rng, 500, 210))
    yield "20-done", encode(periodic(rng, 800, 200))
    yield "21-fibonacci", encode(fibonacci(1100) + "a")
    yield "22-longer-pattern", encode(two_periods(rng, 2007, 1002, 1009))
    yield "23-first-differs", encode("b" + "a" * 2500)
    yield "24-periodic", encode(periodic(rng, 3000, 7))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71009)
    yield from small_cases(rng)
    yield "25-last-differs", encode("a" * 299_999 + "b")
    yield "26-longer-pattern", encode(two_periods(rng, 300_011, 150_004, 150_013))
    yield "27-periodic", encode(periodic(rng, 320_000, 99_999))
    yield "28-fibonacci", encode(fibonacci(350_000))
    yield "29-one-kind", encode("z" * 370_003)
    yield "30-late-difference", encode(periodic(rng, 390_000, 5) + "c")
    yield "31-bordered", encode(bordered(rng, MOST, 190_000))
    yield "32-middle-differs", encode("a" * (MOST // 2 + 1) + "b" + "a" * (MOST // 2 - 2))
