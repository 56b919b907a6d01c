"""Accept (exit 42) an input of Sunny Squares that obeys the statement."""

import re
import sys


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    integer = rb"(0|[1-9][0-9]{0,7})"
    match = re.match(rb" ".join([integer] * 4) + rb"\n", data)
    if match is None:
        return "not a line of four integers first"
    h, w, k, s = map(int, match.groups())
    if not (1 <= h <= 800 and 1 <= w <= 800 and 1 <= k <= min(h, w) and s <= 10**7):
        return f"h, w, k, s are {h}, {w}, {k}, {s}"
    if not re.fullmatch(rb"(?:[0-9]{%d}\n){%d}" % (w, h), data[match.end() :]):
        return f"not {h} lines of {w} digits"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
