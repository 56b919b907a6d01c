"""Accept (exit 42) an input of Finish the Frieze that obeys the statement."""

import re
import sys


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not re.fullmatch(rb"[a-z]+\n", data):
        return "not a line of lower-case letters"
    return f"n is {len(data) - 1}" if len(data) - 1 > 400_000 else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
