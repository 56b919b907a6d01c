"""Make the secret inputs of Widest Mirror."""

import random
from collections.abc import Iterator


def encode(word: str) -> bytes:
    """Write one input."""
    return f"{word}\n".encode()


def uniform(rng: random.Random, n: int, letters: str) -> str:
    """Draw the letters."""
    return "".join(letters[int(rng.random() * len(letters))] for _ in range(n))


def scratched(rng: random.Random, word: str, scratches: int) -> str:
    """Replace some letters of a word by `z`."""
    letters = list(word)
    for _ in range(scratches):
        letters[int(rng.random() * len(letters))] = "z"
    return "".join(letters)


def folded(rng: random.Random, n: int, letters: str) -> str:
    """Mirror a short word again and again, with or without its last letter twice."""
    word = uniform(rng, 3, letters)
    while len(word) < n:
        word += word[::-1] if rng.random() < 0.5 else word[-2::-1]
    return word[:n]


def mirrors(rng: random.Random, n: int, most: int, letters: str) -> str:
    """Put mirrors of up to about 2 * `most` letters side by side."""
    word = ""
    while len(word) < n:
        half = uniform(rng, 1 + int(rng.random() * most), letters)
        word += half + (half[::-1] if rng.random() < 0.5 else half[-2::-1])
    return word[:n]


def fibonacci(n: int) -> str:
    """Write each word as the one before and the one before that."""
    word, before = "ab", "a"
    while len(word) < n:
        word, before = word + before, word
    return word[:n]


def blocks(rng: random.Random, n: int, most: int) -> str:
    """Put blocks of equal letters side by side, each of up to `most`."""
    word = ""
    while len(word) < n:
        word += "ab"[len(word) % 2] * (1 + int(rng.random() * most))
    return word[:n]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one", encode("q")
    yield "02-two", encode("aa")
    yield "03-no-mirror", encode("ab")
    yield "04-even", encode("xabbay")
    yield "05-overlap", encode("abacaba")
    yield "06-two-mirrors", encode("abbacacad")
    yield "07-different", encode("abcdefghijk")
    yield "08-equal", encode("a" * 13)
    yield "09-uniform", encode(uniform(rng, 17, "ab"))
    yield "10-fibonacci", encode(fibonacci(22))
    yield "11-mirrors", encode(mirrors(rng, 30, 5, "abc"))
    yield "12-blocks", encode(blocks(rng, 40, 6))
    yield "13-scratched", encode(scratched(rng, "a" * 60, 4))
    yield "14-uniform", encode(uniform(rng, 80, "abc"))
    yield "15-folded", encode(folded(rng, 100, "abc"))
    yield "16-alternating", encode("ab" * 60)
    yield "17-uniform", encode(uniform(rng, 150, "ab"))
    yield "18-mirrors", encode(mirrors(rng, 200, 40, "abcdef"))
    yield "19-scratched", encode(scratched(rng, "ab" * 125, 5))
    yield "20-equal", encode("z" * 300)
    yield "21-fibonacci", encode(fibonacci(350))
    yield "22-uniform", encode(uniform(rng, 400, "abcdefghijklmnopqrstuvwxyz"))
    yield "23-folded", encode(scratched(rng, folded(rng, 450, "ab"), 3))
    yield "24-blocks", encode(blocks(rng, 500, 40))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61012)
    yield from small_cases(rng)
    yield "25-uniform", encode(uniform(rng, 5000, "ab"))
    yield "26-blocks", encode(blocks(rng, 30_000, 2000))
    yield "27-mirrors", encode(mirrors(rng, 45_000, 3000, "abcxyz"))
    yield "28-fibonacci", encode(fibonacci(49_000))
    yield "29-folded", encode(scratched(rng, folded(rng, 49_999, "abc"), 5))
    yield "30-equal", encode("m" * 50_000)
    yield "31-scratched", encode(scratched(rng, "ab" * 25_000, 3))
    yield "32-broken-in-the-middle", encode("a" * 24_990 + "b" + "a" * 10_000 + "c" + "a" * 15_008)
