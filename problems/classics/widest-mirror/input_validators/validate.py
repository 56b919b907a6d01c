"""Accept (exit 42) an input of Widest Mirror that obeys the statement."""

import re
import sys


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not re.fullmatch(rb"[a-z]+\n", data):
        return "not a line of small letters"
    return "" if len(data) <= 50_001 else f"the word has {len(data) - 1} letters"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
