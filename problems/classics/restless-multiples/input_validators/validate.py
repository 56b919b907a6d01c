"""Accept (exit 42) an input of Restless Multiples that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,999}"
SHAPE = re.compile(rb"([1-9][0-9]?)\n(" + NUMBER + rb")\n(" + NUMBER + rb")\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not three lines with a positive integer each"
    if int(match[1]) > 30:
        return f"k is {int(match[1])}"
    return "" if int(match[2]) <= int(match[3]) else "a is larger than b"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
