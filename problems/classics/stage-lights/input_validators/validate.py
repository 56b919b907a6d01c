"""Accept (exit 42) an input of Stage Lights that obeys the statement."""

import re
import sys

SHAPE = re.compile(
    rb"[1-9][0-9]{0,4} [1-9][0-9]{0,4}\n(?:(?:same|differ|either|never) [1-9][0-9]{0,4} [1-9][0-9]{0,4}\n)+"
)


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of two integers and lines of wishes"
    head, *wishes = data.splitlines()
    n, m = map(int, head.split())
    if n > 20_000 or m > 40_000 or len(wishes) != m:
        return f"n is {n}, m is {m}, with {len(wishes)} wishes"
    for wish in wishes:
        a, b = map(int, wish.split()[1:])
        if a == b or max(a, b) > n:
            return f"{wish.decode()!r} is not about two of {n} lights"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
