"""Make the secret inputs of Heavy Crate."""

import random
from collections.abc import Iterator


def encode(n: int, x: int) -> bytes:
    """Write one input."""
    return f"{n} {x}\n".encode()


def drawn(seed: int, n: int) -> bytes:
    """Let any crate be the heavy one."""
    return encode(n, random.Random(seed).randrange(1, n + 1))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    yield "01-one-crate", encode(1, 1)
    yield "02-first-of-two", encode(2, 1)
    yield "03-last-of-three", encode(3, 3)
    yield "04-middle-of-three", encode(3, 2)
    yield "05-last-of-four", encode(4, 4)
    yield "06-all-threes", encode(9, 5)
    yield "07-last-of-eight", encode(8, 8)
    yield "08-first-of-nine", encode(9, 1)
    yield "09-just-above", encode(10, 10)
    yield "10-last-threes", encode(27, 27)
    yield "11-below-a-power", encode(26, 25)
    yield "12-first", encode(81, 1)
    yield "13-middle", encode(81, 41)
    yield "14-drawn", encode(100, 37)
    yield "15-last", encode(242, 242)
    yield "16-power", encode(243, 122)
    yield "17-just-above", encode(244, 200)
    yield "18-drawn", drawn(18, 700)
    yield "19-power", drawn(19, 729)
    yield "20-last", encode(2186, 2186)
    yield "21-power", drawn(21, 2187)
    yield "22-drawn", drawn(22, 5000)
    yield "23-power", drawn(23, 6561)
    yield "24-last", encode(19_682, 19_682)
    yield "25-largest", encode(10**9, 10**9)
    yield "26-power", encode(3**18, 3**18 // 2 + 1)
    yield "27-below-a-power", encode(3**18 - 1, 3**18 - 1)
    yield "28-drawn", drawn(28, 999_999_937)
    yield "29-just-above", encode(3**18 + 1, 290_565_367)
    yield "30-drawn", drawn(30, 10**9)
    yield "31-power", encode(3**18, 129_140_164)
    yield "32-drawn", drawn(32, 777_777_777)
