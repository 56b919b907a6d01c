"""Make the secret inputs of Most Played Song."""

import json
import random
import string
from collections.abc import Iterator

LETTERS = string.ascii_letters + string.digits
PLAYS = 100_000


def encode(plays: list[str]) -> bytes:
    """Write one input."""
    return json.dumps(plays).encode() + b"\n"


def name(rng: random.Random, length: int, letters: str = LETTERS) -> str:
    """Draw a name."""
    return "".join(letters[int(rng.random() * len(letters))] for _ in range(length))


def names(rng: random.Random, count: int, length: int) -> list[str]:
    """Draw different names, in no order."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        drawn[name(rng, length)] = None
    return list(drawn)


def drawn(rng: random.Random, plays: int, songs: list[str]) -> list[str]:
    """Draw every play by itself."""
    return [songs[int(rng.random() * len(songs))] for _ in range(plays)]


def tied(rng: random.Random, songs: list[str], each: int) -> list[str]:
    """Play every song equally often, in a random order."""
    plays = songs * each
    rng.shuffle(plays)
    return plays


def almost_tied(rng: random.Random, songs: list[str], each: int, leaders: int) -> list[str]:
    """Play some songs once more than the others."""
    plays = songs * each + songs[:leaders]
    rng.shuffle(plays)
    return plays


def mirrored(songs: list[str], each: int) -> list[str]:
    """Play the songs in turn and then in the opposite turn: the last one to come gets there first."""
    return songs * (each - 1) + songs[::-1]


def cases_mixed(songs: list[str]) -> list[str]:
    """Let names that differ only in the case of their letters count apart."""
    return [*songs, *(song.swapcase() for song in songs), *songs[1:2]]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-one", encode(["a"])
    yield "02-tie-of-two", encode(["b", "a"])
    yield "03-later-name", encode(["b", "a", "a"])
    yield "04-got-there-first", encode(["c", "a", "a", "c"])
    yield "05-case", encode(["x", "X", "X", "y"])
    yield "06-digits", encode(["1", "2", "3", "2", "3"])
    yield "07-three-tied", encode(["b", "c", "a", "c", "a", "b"])
    yield "08-mirrored", encode(mirrored(["q", "w", "e"], 2))
    yield "09-last-wins", encode(["d", "e", "f", "e", "d", "f", "f"])
    yield "10-tied", encode(tied(rng, names(rng, 4, 2), 3))
    yield "11-case", encode(cases_mixed(["Ab", "bA", "aB", "BA"]))
    yield "12-drawn", encode(drawn(rng, 20, names(rng, 5, 2)))
    yield "13-mirrored", encode(mirrored(names(rng, 8, 3), 3))
    yield "14-almost-tied", encode(almost_tied(rng, names(rng, 10, 3), 2, 3))
    yield "15-all-different", encode(names(rng, 40, 3))
    yield "16-tied", encode(tied(rng, names(rng, 6, 5), 8))
    yield "17-drawn", encode(drawn(rng, 80, names(rng, 9, 4)))
    yield "18-mirrored", encode(mirrored(names(rng, 25, 6), 4))
    yield "19-almost-tied", encode(almost_tied(rng, names(rng, 40, 5), 3, 4))
    yield "20-drawn", encode(drawn(rng, 300, names(rng, 90, 4)))
    yield "21-tied", encode(tied(rng, names(rng, 60, 5), 7))
    yield "22-all-different", encode(names(rng, 500, 6))
    yield "23-drawn", encode(drawn(rng, 700, names(rng, 20, 8)))
    yield "24-mirrored", encode(mirrored(names(rng, 200, 8), 4))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71003)
    yield from small_cases(rng)
    yield "25-all-different", encode(names(rng, 40_000, 5))
    yield "26-tied", encode(tied(rng, names(rng, 30_000, 4), 2))
    yield "27-drawn", encode(drawn(rng, PLAYS, names(rng, 40_000, 3)))
    yield "28-mirrored", encode(mirrored(names(rng, 25_000, 4), 4))
    yield "29-almost-tied", encode(almost_tied(rng, names(rng, 49_000, 5), 2, 5))
    yield "30-drawn", encode(drawn(rng, PLAYS, names(rng, 50_000, 6)))
    yield "31-tied", encode(tied(rng, names(rng, 50_000, 8), 2))
    yield "32-mirrored", encode(mirrored(names(rng, 50_000, 10), 2))
