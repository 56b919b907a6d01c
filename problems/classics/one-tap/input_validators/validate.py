"""Accept (exit 42) an input of One Tap that obeys the statement."""

import re
import sys

NUMBER = rb"(?:0|[1-9][0-9]{0,9})"
SHAPE = re.compile(NUMBER + rb" " + NUMBER + rb" " + NUMBER + rb"\n" + NUMBER + rb"(?: " + NUMBER + rb")*\n")
MOST = 1_000_000_000


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of three integers and a line of integers, with single spaces"
    (n, q, c), needs = ([int(token) for token in line.split()] for line in data.splitlines())
    if not 1 <= n <= 200_000 or len(needs) != n:
        return f"n is {n}, with {len(needs)} people"
    if not 1 <= q <= MOST or c > MOST:
        return f"q is {q}, c is {c}"
    if min(needs) < 1 or max(needs) > MOST:
        return "somebody needs too little or too much"
    turns = sum((need + q - 1) // q for need in needs)
    return "" if turns <= 400_000 else f"there are {turns} turns"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
