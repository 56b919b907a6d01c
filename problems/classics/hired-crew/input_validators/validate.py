"""Accept (exit 42) an input of Hired Crew that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"[1-9][0-9]{0,4} [1-9][0-9]?\n(?:[1-9][0-9]{0,9} [1-9][0-9]?(?: [1-9][0-9]?)+\n)+")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of two integers, then lines of three or more, with single spaces between them"
    first, *lines = data.splitlines()
    n, k = map(int, first.split())
    if n > 40_000 or k > 12 or len(lines) != n:
        return f"n is {n}, k is {k}, with {len(lines)} sailors"
    for line in lines:
        price, count, *skills = map(int, line.split())
        if price > 10**9 or count != len(skills) or skills != sorted(set(skills)) or skills[-1] > k:
            return f"no sailor can be {line.decode()!r}"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
