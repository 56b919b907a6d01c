"""Accept (exit 42) an input of Easy Changes that obeys the statement."""

import re
import sys
from itertools import pairwise

NUMBER = rb"(?:0|[1-9][0-9]{0,6})"
ROW = NUMBER + rb"(?: " + NUMBER + rb")*"
SHAPE = re.compile(NUMBER + rb"(?: " + NUMBER + rb"){3}\n" + ROW + rb"\n" + ROW + rb"\n")
DAY = 1_000_000


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of four integers and two more lines of integers, with single spaces"
    (n, m, x, y), buses, trains = ([int(token) for token in line.split()] for line in data.splitlines())
    if not 1 <= n <= 100_000 or not 1 <= m <= 100_000 or (len(buses), len(trains)) != (n, m):
        return f"n is {n}, m is {m}, with {len(buses)} buses and {len(trains)} trains"
    if not x <= y <= DAY:
        return f"x is {x}, y is {y}"
    for minutes in (buses, trains):
        if minutes[-1] > DAY or any(b < a for a, b in pairwise(minutes)):
            return "some minutes are not sorted or too late"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
