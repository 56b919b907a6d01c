"""Make the secret inputs of Bracket Prefix."""

import random
from collections.abc import Iterator

KINDS = ("()", "[]", "{}")
MOST = 200_000


def encode(text: str) -> bytes:
    """Write one input."""
    return f'"{text}"\n'.encode()


def balanced(rng: random.Random, pairs: int, deeper: float) -> str:
    """Draw a balanced text; `deeper` is the chance to open another bracket where either is possible."""
    text, stack = [], []
    while pairs or stack:
        if pairs and (not stack or rng.random() < deeper):
            kind = KINDS[int(rng.random() * 3)]
            text.append(kind[0])
            stack.append(kind[1])
            pairs -= 1
        else:
            text.append(stack.pop())
    return "".join(text)


def nested(rng: random.Random, depth: int) -> str:
    """Open all brackets before the first is closed."""
    return balanced(rng, depth, 2.0)


def soup(rng: random.Random, length: int) -> str:
    """Draw every bracket by itself."""
    return "".join("()[]{}"[int(rng.random() * 6)] for _ in range(length))


def spoilt(rng: random.Random, text: str, share: float) -> str:
    """Replace the bracket at a share of the text by another one."""
    place = int(len(text) * share)
    other = "()[]{}".replace(text[place], "")
    return text[:place] + other[int(rng.random() * 5)] + text[place + 1 :]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a slow solution passes."""
    yield "01-empty", encode("")
    yield "02-opening", encode("(")
    yield "03-closing", encode("]")
    yield "04-pair", encode("{}")
    yield "05-crossed", encode("([)]")
    yield "06-outer-open", encode("(()[]")
    yield "07-second-fails", encode("()]{}")
    yield "08-kinds-mixed", encode("(){]()")
    yield "09-later-part", encode("[])(([]))")
    yield "10-crossed-inside", encode("(){[(])}()")
    yield "11-drawn", encode(balanced(rng, 6, 0.5))
    yield "12-open-tail", encode(balanced(rng, 5, 0.5) + "([{}")
    yield "13-longest-last", encode("()}" + balanced(rng, 8, 0.6))
    yield "14-soup", encode("[]" + soup(rng, 20))
    yield "15-open-head", encode("(" + balanced(rng, 14, 0.5))
    yield "16-spoilt", encode(spoilt(rng, balanced(rng, 20, 0.4), 0.7))
    yield "17-nested", encode(nested(rng, 40))
    yield "18-spoilt", encode(spoilt(rng, balanced(rng, 60, 0.5), 0.9))
    yield "19-drawn", encode(balanced(rng, 100, 0.4) + "}")
    yield "20-half-nested", encode("{}" + nested(rng, 150)[:200])
    yield "21-soup", encode(balanced(rng, 100, 0.2) + soup(rng, 100))
    yield "22-flat", encode("()" * 250)
    yield "23-drawn", encode(balanced(rng, 400, 0.5))
    yield "24-nested", encode(nested(rng, 500) + "[")


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(71001)
    yield from small_cases(rng)
    yield "25-spoilt", encode(spoilt(rng, balanced(rng, 70_000, 0.5), 0.95))
    yield "26-nested", encode(nested(rng, 75_000))
    yield "27-drawn", encode(balanced(rng, 80_000, 0.5) + "([)]")
    yield "28-flat", encode("[]" * 85_000)
    yield "29-half-nested", encode(balanced(rng, 20_000, 0.5) + nested(rng, 160_000)[:150_000])
    yield "30-open-tail", encode(balanced(rng, 60_000, 0.5) + "({" * 35_000)
    yield "31-opening", encode("(" * MOST)
    yield "32-nested", encode(nested(rng, MOST // 2))
