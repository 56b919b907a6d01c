"""Accept (exit 42) an input of Cut Cables that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,4}"
PAIR = NUMBER + rb" " + NUMBER
CUTS = NUMBER + rb"(?: " + NUMBER + rb")*"
SHAPE = re.compile(PAIR + rb" " + NUMBER + rb"\n(?:" + PAIR + rb"\n)+" + CUTS + rb"\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of three integers, lines of two, and a line of cuts, with single spaces"
    first, *cables, last = data.splitlines()
    n, m, q = map(int, first.split())
    cuts = [int(token) for token in last.split()]
    if not 2 <= n <= 50_000 or not q <= m <= 50_000 or len(cables) != m or len(cuts) != q:
        return f"n is {n}, m is {m}, q is {q}, with {len(cables)} cables and {len(cuts)} cuts"
    for cable in cables:
        a, b = map(int, cable.split())
        if a == b or max(a, b) > n:
            return f"no cable can join {a} and {b}"
    return "" if len(set(cuts)) == q and max(cuts) <= m else "the cuts are not different cables"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
