"""Accept (exit 42) an input of Most Played Song that obeys the statement."""

import re
import sys

PLAYS = 100_000


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    name = rb'"[A-Za-z0-9]{1,12}"'
    if not re.fullmatch(rb"\[" + name + rb"(?:, " + name + rb")*\]\n", data):
        return "not a line with one list of names"
    plays = data.count(b",") + 1
    return f"{plays} plays" if plays > PLAYS else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
