"""Accept (exit 42) an input of Last Pebble that obeys the statement."""

import re
import sys
from itertools import pairwise

NUMBER = rb"[1-9][0-9]{0,4}"
ROW = NUMBER + rb"(?: " + NUMBER + rb")*"
SHAPE = re.compile(NUMBER + rb" " + NUMBER + rb"\n" + ROW + rb"\n" + ROW + rb"\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of two positive integers and two more lines of them, with single spaces"
    (k, q), takes, heaps = ([int(token) for token in line.split()] for line in data.splitlines())
    if k > 20 or q > 50_000 or (len(takes), len(heaps)) != (k, q):
        return f"k is {k}, q is {q}, with {len(takes)} choices and {len(heaps)} heaps"
    if any(after <= before for before, after in pairwise(takes)):
        return "the choices do not increase"
    return "" if max(takes + heaps) <= 50_000 else "some number is too large"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
