"""Make the secret inputs of Fewest Words."""

import json
import random
from collections.abc import Iterable, Iterator

TEXT = 40_000
WORDS = 6000
LONGEST = 12


def encode(rng: random.Random, text: str, words: Iterable[str]) -> bytes:
    """Write one input, each word once and in no order."""
    unlike = list(dict.fromkeys(words))
    rng.shuffle(unlike)
    return f"{json.dumps(text)}\n{json.dumps(unlike)}\n".encode()


def letters(rng: random.Random, length: int, alphabet: str) -> str:
    """Draw each letter by itself."""
    return "".join(alphabet[int(rng.random() * len(alphabet))] for _ in range(length))


def lexicon(rng: random.Random, count: int, alphabet: str, low: int, high: int) -> list[str]:
    """Draw different words with from low to high letters."""
    words: dict[str, None] = {}
    while len(words) < count:
        words[letters(rng, low + int(rng.random() * (high - low + 1)), alphabet)] = None
    return list(words)


def composed(rng: random.Random, words: list[str], length: int) -> str:
    """Put words together, up to about a length."""
    parts, total = [], 0
    while True:
        word = words[int(rng.random() * len(words))]
        if total + len(word) > length and parts:
            return "".join(parts)
        parts.append(word)
        total += len(word)


def pieces(rng: random.Random, text: str, count: int) -> list[str]:
    """Cut words out of a text at random, so that many overlap."""
    found = []
    for _ in range(count):
        length = 1 + int(rng.random() * LONGEST)
        start = int(rng.random() * max(1, len(text) - length))
        found.append(text[start : start + length])
    return found


def traps(rng: random.Random, length: int, blocks: int) -> tuple[str, list[str]]:
    """Let the longest word that fits leave a rest that takes more words, or that no words make up.

    A block `xyz` is either `x` and `yz`, or the trap `xy` and then the letters of `z`.
    """
    words, texts = [], []
    for _ in range(blocks):
        x, y, z = (letters(rng, 1 + int(rng.random() * 3), "abcdefgh") for _ in range(3))
        words += [x, y + z, x + y, *(z if rng.random() < 0.7 else "")]
        texts.append(x + y + z)
    return composed(rng, texts, length), words


def strokes(rng: random.Random, count: int, lengths: Iterable[int]) -> bytes:
    """Make text and words of one letter only, as with coins."""
    return encode(rng, "a" * count, ["a" * length for length in lengths])


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-one", encode(rng, "a", ["a"])
    yield "02-none", encode(rng, "a", ["b"])
    yield "03-twice", encode(rng, "aa", ["a"])
    yield "04-too-long", encode(rng, "ab", ["abc"])
    yield "05-rest-missing", encode(rng, "abc", ["ab", "a"])
    yield "06-coins", strokes(rng, 6, (1, 3, 4))
    yield "07-longest-is-wrong", encode(rng, "abcd", ["abc", "ab", "cd"])
    yield "08-longest-is-wrong", encode(rng, "xyzzy", ["xyz", "x", "yzzy", "z", "y"])
    yield "09-coins", strokes(rng, 11, (5, 7))
    yield "10-last-missing", encode(rng, "abababac", ["ab", "aba", "b"])
    yield "11-coins", strokes(rng, 23, (12, 9, 2))
    yield "12-traps", encode(rng, *traps(rng, 20, 3))
    words = lexicon(rng, 6, "ab", 1, 4)
    yield "13-composed", encode(rng, composed(rng, words, 25), words)
    yield "14-traps", encode(rng, *traps(rng, 40, 5))
    yield "15-drawn", encode(rng, letters(rng, 40, "ab"), lexicon(rng, 12, "ab", 2, 5))
    yield "16-coins", strokes(rng, 100, (11, 7, 3))
    words = lexicon(rng, 30, "abc", 2, 6)
    yield "17-composed", encode(rng, composed(rng, words, 100), words)
    yield "18-traps", encode(rng, *traps(rng, 200, 20))
    text = letters(rng, 250, "ab")
    yield "19-pieces", encode(rng, text, [*pieces(rng, text, 60), text[:3], text[-3:]])
    yield "20-one-short", encode(rng, composed(rng, words, 300) + "q", words)
    words = lexicon(rng, 90, "ab", 3, 9)
    yield "21-composed", encode(rng, composed(rng, words, 500), words)
    yield "22-traps", encode(rng, *traps(rng, 600, 40))
    yield "23-coins", strokes(rng, 2000, (12, 11, 10, 5))
    text = letters(rng, 800, "abc")
    yield "24-pieces", encode(rng, text, [*pieces(rng, text, 150), "a", "b"])


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71007)
    yield from small_cases(rng)
    words = lexicon(rng, 3000, "abcd", 4, 12)
    yield "25-composed", encode(rng, composed(rng, words, 25_000), words)
    yield "26-traps", encode(rng, *traps(rng, 30_000, 900))
    text = composed(rng, lexicon(rng, 40, "ab", 6, 12), 30_000)
    yield "27-pieces", encode(rng, text, [*pieces(rng, text, WORDS), "a", "b"][-WORDS:])
    words = lexicon(rng, 4500, "abcdefghij", 5, 12)
    yield "28-one-short", encode(rng, composed(rng, words, 30_000) + "zz", words)
    words = lexicon(rng, 5000, "ab", 9, 12)
    yield "29-composed", encode(rng, composed(rng, words, 36_000), words)
    words = lexicon(rng, WORDS, "abc", 7, 12)
    yield "30-composed", encode(rng, composed(rng, words, 39_000), words)
    words = [*lexicon(rng, WORDS - 26, "aq", 11, 12), *"abcdefghijklmnopqrstuvwxyz"]
    yield "31-many-long", encode(rng, composed(rng, words, TEXT), words)
    words = lexicon(rng, WORDS, "abcdefghijklmnopqrstuvwxyz", 11, 12)
    yield "32-composed", encode(rng, composed(rng, words, TEXT), words)
