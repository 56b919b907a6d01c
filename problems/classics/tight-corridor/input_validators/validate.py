"""Accept (exit 42) an input of Tight Corridor that obeys the statement."""

import re
import sys

NUMBER = rb"(?:0|-?[1-9][0-9]{0,7})"
SHAPE = re.compile(rb"[1-9][0-9]{0,4}\n(?:" + NUMBER + rb" " + NUMBER + rb"\n)+")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of one and lines of two integers with single spaces"
    n, *coordinates = (int(token) for token in data.split())
    if n > 40_000 or len(coordinates) != 2 * n:
        return f"n is {n}, with {len(coordinates) // 2} trees"
    return "" if max(map(abs, coordinates)) <= 10_000_000 else "a tree is too far away"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
