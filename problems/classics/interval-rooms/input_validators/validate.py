"""Check an input of Interval Rooms on standard input: exit 42 when it is valid, else 43."""

from __future__ import annotations

import re
import sys

MAX_COUNT = 100_000
MAX_TIME = 10**9
MAX_PRICE = 10**9


def fault(data: bytes) -> str | None:
    """Return what is wrong with an input, or None."""
    integer = rb"(?:0|[1-9][0-9]{0,9})"
    request = integer + rb" " + integer + rb" " + integer + rb"\n"
    if re.fullmatch(rb"[1-9][0-9]{0,9}\n(?:" + request + rb")+", data) is None:
        return "want a line with n, then lines of three integers separated by single spaces"
    first, *lines = data.splitlines()
    if int(first) > MAX_COUNT:
        return f"n must be at most {MAX_COUNT}, got {int(first)}"
    if len(lines) != int(first):
        return f"n is {int(first)}, but there are {len(lines)} requests"
    for number, line in enumerate(lines, 1):
        start, end, price = map(int, line.split())
        if not start < end <= MAX_TIME:
            return f"request {number}: want start < end <= {MAX_TIME}, got {start} and {end}"
        if not 1 <= price <= MAX_PRICE:
            return f"request {number}: the price must be in 1..{MAX_PRICE}, got {price}"
    return None


if __name__ == "__main__":
    message = fault(sys.stdin.buffer.read())
    if message is not None:
        sys.stderr.write(message + "\n")
    sys.exit(42 if message is None else 43)
