"""Accept (exit 42) an input of Round Table that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"[1-9][0-9]{0,5}\n[1-9][0-9]{0,9}(?: [1-9][0-9]{0,9})*\n")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line with n and a line of positive integers with single spaces"
    n, *countries = map(int, data.split())
    if not 2 <= n <= 100_000 or n != len(countries):
        return f"n is {n}, with {len(countries)} guests"
    return "" if max(countries) <= 10**9 else f"there is no country {max(countries)}"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
