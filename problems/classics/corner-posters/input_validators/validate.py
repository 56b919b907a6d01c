"""Accept (exit 42) an input of Corner Posters that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,9}"
SHAPE = re.compile(NUMBER + rb"\n(?:" + NUMBER + rb" " + NUMBER + rb"\n)+")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of one and lines of two positive integers with single spaces"
    n, *sides = (int(token) for token in data.split())
    if n > 100_000 or len(sides) != 2 * n:
        return f"n is {n}, with {len(sides) // 2} posters"
    return "" if max(sides) <= 10**9 else f"a side is {max(sides)}"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
