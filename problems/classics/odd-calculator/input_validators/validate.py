"""Accept (exit 42) an input of Odd Calculator that obeys the statement."""

import re
import sys
from itertools import pairwise

NUMBER = rb"(?:0|[1-9][0-9]{0,5})"
SHAPE = re.compile(NUMBER + rb"(?: " + NUMBER + rb"){3}\n(?:" + NUMBER + rb"(?: " + NUMBER + rb")*)?\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of four integers and another line of integers, with single spaces"
    (m, a, b, k), worn = ([int(token) for token in line.split()] for line in data.splitlines())
    if max(a, b) > m or m > 100_000:
        return f"m is {m}, a is {a}, b is {b}"
    if k > 50_000 or k != len(worn):
        return f"k is {k}, with {len(worn)} numbers"
    if any(after <= before for before, after in pairwise(worn)) or (worn and worn[-1] > m):
        return "the numbers do not increase or are too large"
    return "a or b is worn" if {a, b} & set(worn) else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
