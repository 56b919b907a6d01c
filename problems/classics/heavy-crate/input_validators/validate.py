"""Accept (exit 42) an input of Heavy Crate that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"([1-9][0-9]{0,9}) ([1-9][0-9]{0,9})\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not a line of two integers with a single space between them"
    n, x = int(match[1]), int(match[2])
    return "" if x <= n <= 10**9 else f"n is {n}, x is {x}"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
