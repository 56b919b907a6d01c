"""Accept (exit 42) an input of Ivy Game that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"[1-9][0-9]{0,5}\n(?:0|[1-9][0-9]{0,4})(?: (?:0|[1-9][0-9]{0,4}))*\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line with n and a line of integers with single spaces"
    n, *parents = map(int, data.split())
    if n > 100_000 or n != len(parents):
        return f"n is {n}, with {len(parents)} stems"
    wrong = next((stem for stem, parent in enumerate(parents, 1) if parent >= stem), None)
    return f"stem {wrong} grows out of stem {parents[wrong - 1]}" if wrong else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
