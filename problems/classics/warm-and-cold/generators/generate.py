"""Make the secret inputs of Warm and Cold."""

import random
from collections.abc import Iterator


def encode(n: int, x: int) -> bytes:
    """Write one input."""
    return f"{n} {x}\n".encode()


def drawn(seed: int, n: int) -> bytes:
    """Hide it anywhere."""
    return encode(n, random.Random(seed).randrange(1, n + 1))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-one-place", encode(1, 1)
    yield "02-second", encode(2, 2)
    yield "03-middle", encode(3, 2)
    yield "04-first", encode(4, 1)
    yield "05-next-to-last", encode(5, 4)
    yield "06-middle", encode(7, 4)
    yield "07-small", encode(9, 7)
    yield "08-left-of-middle", encode(20, 10)
    yield "09-right-of-middle", encode(20, 11)
    yield "10-last", encode(60, 60)
    yield "11-middle", encode(99, 50)
    yield "12-last", encode(100, 100)
    yield "13-drawn", encode(128, 77)
    yield "14-far", encode(300, 299)
    yield "15-drawn", drawn(15, 500)
    yield "16-quarter", encode(511, 128)
    yield "17-drawn", drawn(17, 1000)
    yield "18-middle", encode(2047, 1024)
    yield "19-drawn", drawn(19, 2500)
    yield "20-three-quarters", encode(4095, 3072)
    yield "21-drawn", drawn(21, 9999)
    yield "22-first", encode(12_345, 1)
    yield "23-last", encode(16_384, 16_384)
    yield "24-drawn", drawn(24, 20_000)
    yield "25-last", encode(10**9, 10**9)
    yield "26-drawn", encode(10**9, 987_654_321)
    yield "27-middle", encode(10**9 - 1, 5 * 10**8)
    yield "28-drawn", encode(999_999_937, 314_159_265)
    yield "29-left-of-middle", encode(10**9, 5 * 10**8)
    yield "30-power", encode(2**29, 2**28 + 1)
    yield "31-next-to-last", encode(10**9, 10**9 - 1)
    yield "32-quarter", encode(2**29 - 1, 2**27)
