"""Accept (exit 42) an input of Longest Word Run that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"(0|[1-9][0-9]{0,5})\n((?:[a-z]{1,12}\n)*)")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not a number and then lines of 1 to 12 small letters"
    n, words = int(match[1]), match[2].count(b"\n")
    if n > 200_000 or n != words:
        return f"n is {n}, with {words} words"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
