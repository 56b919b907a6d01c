"""Accept (exit 42) an input of Nearest Shelter that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"[1-9][0-9]{0,5}\n(?:0|[1-9][0-9]{0,9})(?: (?:0|[1-9][0-9]{0,9}))*\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line with n and a line of integers with single spaces"
    n, *heights = map(int, data.split())
    if n > 100_000 or n != len(heights):
        return f"n is {n}, with {len(heights)} heights"
    return "" if max(heights) <= 10**9 else f"a hut lies at {max(heights)}"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
