"""Yield the hidden inputs of Lexicographic Order."""

from __future__ import annotations

import random
from collections.abc import Iterator

Word = list[int]


def render(letters: int, words: list[Word]) -> bytes:
    """Write one input."""
    lines = [f"{letters} {len(words)}\n"]
    lines += [f"{len(word)} {' '.join(map(str, word))}\n" for word in words]
    return "".join(lines).encode()


def alphabet(rng: random.Random, letters: int) -> list[int]:
    """Return the letters in a random order."""
    order = list(range(1, letters + 1))
    rng.shuffle(order)
    return order


def dictionary(rng: random.Random, order: list[int], count: int, longest: int) -> list[Word]:
    """Return random words of up to `longest` letters, sorted by the alphabet `order`."""
    letters = len(order)
    lengths = [1 + int(rng.random() * longest) for _ in range(count)]
    ranks = sorted([int(rng.random() * letters) for _ in range(length)] for length in lengths)
    return [[order[rank] for rank in word] for word in ranks]


def family(rng: random.Random, order: list[int], stem: int, count: int) -> list[Word]:
    """Return sorted words that share a stem of `stem` letters and differ in the one after it."""
    letters = len(order)
    head = [order[int(rng.random() * letters)] for _ in range(stem)]
    ranks = sorted(rng.sample(range(letters), count))
    return [[*head, order[rank], order[int(rng.random() * letters)]] for rank in ranks]


def one_letter_words(order: list[int]) -> list[Word]:
    """Return a word for each letter, so that only one order agrees."""
    return [[letter] for letter in order]


def swapped(words: list[Word], i: int, j: int) -> list[Word]:
    """Return the words with two of them exchanged."""
    words = list(words)
    words[i], words[j] = words[j], words[i]
    return words


def with_prefix_after(words: list[Word], i: int) -> list[Word]:
    """Return the words with word `i` followed by itself without its last letter, which is impossible."""
    return [*words[: i + 1], words[i][:-1], *words[i + 1 :]]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one-letter", render(1, [[1]])
    yield "02-two-letters", render(2, [[2], [1]])
    yield "03-prefix-first", render(2, [[1], [1, 2]])
    yield "04-prefix-last", render(3, [[3, 1], [3]])
    yield "05-cycle", render(2, [[1], [2], [1]])
    yield "06-equal-words", render(3, [[3, 2], [3, 2], [3, 1]])
    yield "07-later-letters", render(4, [[1, 4, 2], [1, 3, 4], [2, 1, 3]])
    yield "08-few", render(8, dictionary(rng, alphabet(rng, 8), 10, 3))
    yield "09-one-letter-words", render(30, one_letter_words(alphabet(rng, 30)))
    yield "10-long-words", render(5, dictionary(rng, alphabet(rng, 5), 40, 9))
    yield "11-cycle", render(60, swapped(one_letter_words(alphabet(rng, 60)), 20, 40) + [[1]])
    yield "12-many-unused", render(1000, dictionary(rng, alphabet(rng, 1000), 120, 4))
    yield "13-prefix-last", render(40, with_prefix_after(family(rng, alphabet(rng, 40), 30, 30), 22))
    yield "14-dictionary", render(500, dictionary(rng, alphabet(rng, 500), 900, 3))
    yield "15-one-letter-words", render(1500, one_letter_words(alphabet(rng, 1500)))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield (name, input) of every generated case; the same bytes on every machine."""
    rng = random.Random(20105)
    yield from small_cases(rng)
    yield "16-dictionary", render(12_000, dictionary(rng, alphabet(rng, 12_000), 6000, 4))
    yield "17-family", render(20_000, family(rng, alphabet(rng, 20_000), 4, 20_000))
    yield "18-one-letter-words", render(100_000, one_letter_words(alphabet(rng, 100_000)))
    yield "19-descending", render(100_000, one_letter_words(list(range(100_000, 0, -1))))
    yield "20-dictionary", render(60_000, dictionary(rng, alphabet(rng, 60_000), 70_000, 5))
    yield "21-family", render(99_000, family(rng, alphabet(rng, 99_000), 1, 99_000))
    yield "22-cycle", render(70_000, swapped(one_letter_words(alphabet(rng, 70_000)), 100, 69_900) + [[1]])
    words = family(rng, alphabet(rng, 45_000), 3, 45_000)
    yield "23-prefix-last", render(45_000, with_prefix_after(words, 44_000))
    yield "24-unused", render(100_000, dictionary(rng, alphabet(rng, 100_000), 50_000, 5))
    yield "25-two-words", render(3, [[2, 1], [2, 3]])
    yield "26-prefixes", render(2, [[2], [2, 1], [2, 1, 1]])
    yield "27-cycle-of-three", render(3, [[1], [2], [3], [1]])
    yield "28-few", render(6, dictionary(rng, alphabet(rng, 6), 15, 4))
    yield "29-prefix-last", render(12, with_prefix_after(family(rng, alphabet(rng, 12), 3, 9), 5))
    yield "30-family", render(60, family(rng, alphabet(rng, 60), 5, 40))
    yield "31-cycle", render(200, swapped(one_letter_words(alphabet(rng, 200)), 50, 150) + [[1]])
    yield "32-dictionary", render(300, dictionary(rng, alphabet(rng, 300), 400, 5))
