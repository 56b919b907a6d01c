"""Accept (exit 42) an input of Layered Ribbons that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,9}"
LIST = NUMBER + rb"(?: " + NUMBER + rb")*"
SHAPE = re.compile(rb"(" + NUMBER + rb") (" + NUMBER + rb")\n(" + LIST + rb")\n(" + LIST + rb")\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not three lines of integers with single spaces between them"
    n, k = int(match[1]), int(match[2])
    prices = [int(token) for token in match[3].split()]
    row = [int(token) for token in match[4].split()]
    if n > 3000 or k > 100 or len(prices) != k or len(row) != n:
        return f"n is {n}, k is {k}, with {len(prices)} prices and {len(row)} centimetres"
    if max(prices) > 10**9 or max(row) > k:
        return "a price is too high, or a colour has none"
    changes = sum(a != b for a, b in zip(row, row[1:], strict=False))
    return f"the colour changes {changes} times" if changes > 200 else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
