"""Accept (exit 42) an input of Glove Pairs that obeys the statement."""

import re
import sys

SIZE = rb"[1-9][0-9]{0,9}"
SHAPE = re.compile(
    rb"([1-9][0-9]{0,4}) ([1-9][0-9]{0,4}) (0|[1-9][0-9]{0,9})\n"
    rb"(%b(?: %b)*)\n(%b(?: %b)*)\n" % (SIZE, SIZE, SIZE, SIZE)
)


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if match is None:
        return "not three lines of integers"
    n, m, d = (int(match[group]) for group in (1, 2, 3))
    left, right = (list(map(int, match[group].split())) for group in (4, 5))
    if n > 70_000 or m > 70_000 or (n, m) != (len(left), len(right)):
        return f"n is {n}, m is {m}, with {len(left)} and {len(right)} gloves"
    if max(d, *left, *right) > 10**9:
        return f"{max(d, *left, *right)} is too large"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
