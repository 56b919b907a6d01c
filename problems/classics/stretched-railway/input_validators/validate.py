"""Accept (exit 42) an input of Stretched Railway that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,4}"
SHAPE = re.compile(NUMBER + rb"\n" + NUMBER + rb"(?: " + NUMBER + rb")*\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of one positive integer and a line of them, with single spaces"
    n, *degrees = (int(token) for token in data.split())
    if not 2 <= n <= 40_000 or n != len(degrees):
        return f"n is {n}, with {len(degrees)} towns"
    return "" if max(degrees) < n else f"a town wants {max(degrees)} lines"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
