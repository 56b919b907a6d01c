"""Accept (exit 42) an input of Frequent Pieces that obeys the statement."""

import re
import sys


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = re.fullmatch(rb"([1-9][0-9]{0,5}) ([1-9][0-9]{0,5})\n([a-z]+)\n", data)
    if match is None:
        return "not a line of two integers, then one of lower-case letters"
    n, k, length = int(match[1]), int(match[2]), len(match[3])
    if not k <= n <= 100_000 or n != length:
        return f"n is {n}, k is {k}, with {length} letters"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
