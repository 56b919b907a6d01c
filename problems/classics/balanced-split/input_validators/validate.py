"""Accept (exit 42) an input of Balanced Split that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"([1-9][0-9]{0,5})\n([1-9][0-9]{0,5}(?: [1-9][0-9]{0,5})*)\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not two lines of positive integers with single spaces"
    n = int(match[1])
    weights = [int(token) for token in match[2].split()]
    if n > 200_000 or n != len(weights):
        return f"n is {n}, with {len(weights)} weights"
    too_heavy = next((i for i, weight in enumerate(weights, 1) if weight > i), None)
    return f"weight {too_heavy} is too heavy" if too_heavy else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
