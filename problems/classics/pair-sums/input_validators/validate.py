"""Accept (exit 42) an input of Pair Sums that obeys the statement."""

import re
import sys

INTEGER = rb"(?:0|-?[1-9][0-9]{0,9})"
SHAPE = re.compile(rb"([1-9][0-9]{0,5}) (" + INTEGER + rb")\n(" + INTEGER + rb"(?: " + INTEGER + rb")*)\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not two lines of integers with single spaces"
    n, target = int(match[1]), int(match[2])
    values = [int(token) for token in match[3].split()]
    if not 1 <= n <= 200_000 or n != len(values):
        return f"n is {n}, with {len(values)} values"
    if abs(target) > 2 * 10**9:
        return f"s is {target}"
    if max(map(abs, values)) > 10**9:
        return "a value is out of range"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
