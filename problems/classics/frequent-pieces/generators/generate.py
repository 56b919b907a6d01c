"""Make the secret inputs of Frequent Pieces."""

import random
from collections.abc import Iterator

MOST = 100_000


def encode(k: int, text: str) -> bytes:
    """Write one input."""
    return f"{len(text)} {k}\n{text}\n".encode()


def letters(rng: random.Random, length: int, alphabet: str) -> str:
    """Draw each letter by itself."""
    return "".join(alphabet[int(rng.random() * len(alphabet))] for _ in range(length))


def periodic(rng: random.Random, length: int, period: int, alphabet: str = "abc") -> str:
    """Repeat a drawn pattern up to a length."""
    pattern = letters(rng, period, alphabet)
    return (pattern * (length // period + 1))[:length]


def spoilt(rng: random.Random, text: str, places: int) -> str:
    """Replace some letters of a text."""
    changed = list(text)
    for _ in range(places):
        changed[int(rng.random() * len(changed))] = "z"
    return "".join(changed)


def fibonacci(length: int) -> str:
    """Return the beginning of the word that a -> ab, b -> a grows: it has few different pieces."""
    older, text = "b", "a"
    while len(text) < length:
        older, text = text, text + older
    return text[:length]


def phrases(rng: random.Random, length: int, count: int, size: int) -> str:
    """Put a few phrases together again and again, with a letter between them."""
    known = [letters(rng, size, "abcd") for _ in range(count)]
    text = ""
    while len(text) < length:
        text += known[int(rng.random() * count)] + letters(rng, 1, "xy")
    return text[:length]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-one", encode(1, "a")
    yield "02-two", encode(2, "aa")
    yield "03-overlap", encode(2, "aaa")
    yield "04-all", encode(1, "abc")
    yield "05-none", encode(2, "abcd")
    yield "06-overlap", encode(3, "ababab")
    yield "07-often-enough", encode(2, "abcabcab")
    yield "08-one-letter", encode(4, "a" * 9)
    yield "09-drawn", encode(2, letters(rng, 12, "ab"))
    yield "10-fibonacci", encode(3, fibonacci(16))
    yield "11-drawn", encode(3, letters(rng, 25, "ab"))
    yield "12-phrases", encode(2, phrases(rng, 40, 3, 5))
    yield "13-periodic", encode(4, periodic(rng, 50, 6))
    yield "14-all", encode(1, letters(rng, 60, "abc"))
    yield "15-letters", encode(5, letters(rng, 90, "abcdefghijklmnopqrstuvwxyz"))
    yield "16-spoilt", encode(2, spoilt(rng, "a" * 100, 4))
    yield "17-fibonacci", encode(10, fibonacci(150))
    yield "18-drawn", encode(7, letters(rng, 200, "ab"))
    yield "19-phrases", encode(3, phrases(rng, 250, 5, 12))
    yield "20-one-letter", encode(100, "q" * 300)
    yield "21-periodic", encode(2, periodic(rng, 350, 30))
    yield "22-all", encode(1, letters(rng, 400, "ab"))
    yield "23-spoilt", encode(3, spoilt(rng, periodic(rng, 450, 7), 5))
    yield "24-drawn", encode(4, letters(rng, 500, "abc"))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71012)
    yield from small_cases(rng)
    yield "25-drawn", encode(2, letters(rng, 30_000, "abcdefghijklmnopqrstuvwxyz"))
    yield "26-phrases", encode(4, phrases(rng, 50_000, 30, 100))
    yield "27-drawn", encode(3, letters(rng, 60_000, "ab"))
    yield "28-spoilt", encode(20, spoilt(rng, periodic(rng, 70_000, 11), 9))
    yield "29-fibonacci", encode(2, fibonacci(80_000))
    yield "30-all", encode(1, letters(rng, 90_000, "abcd"))
    yield "31-one-letter", encode(40_000, "a" * MOST)
    yield "32-half-and-half", encode(2, "a" * (MOST // 2) + "b" * (MOST // 2))
