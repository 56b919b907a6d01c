"""Accept (exit 42) an input of Kiln Orders that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,9}"
SHAPE = re.compile(NUMBER + rb"\n(?:" + NUMBER + rb" " + NUMBER + rb"\n)+")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of one and lines of two positive integers with single spaces"
    n, *hours = (int(token) for token in data.split())
    if n > 100_000 or len(hours) != 2 * n:
        return f"n is {n}, with {len(hours) // 2} orders"
    return "" if max(hours) <= 10**9 else f"some order has {max(hours)} hours"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
