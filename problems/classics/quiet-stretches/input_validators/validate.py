"""Accept (exit 42) an input of Quiet Stretches that obeys the statement."""

import re
import sys

NUMBER = rb"(?:0|[1-9][0-9]{0,6})"
SHAPE = re.compile(rb"[1-9][0-9]{0,4} " + NUMBER + rb"\n" + NUMBER + rb"(?: " + NUMBER + rb")*\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not two integers and a line of integers with single spaces"
    n, k, *patterns = map(int, data.split())
    if n > 40_000 or n != len(patterns) or k > 2**20:
        return f"n is {n}, with {len(patterns)} lamps; k is {k}"
    return "" if max(patterns) < 2**20 else f"a pattern is {max(patterns)}"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
