"""Check an input of Mean Gap on standard input: exit 42 when it is valid, else 43."""

from __future__ import annotations

import re
import sys

MAX_COUNT = 200_000
MAX_POSITION = 10**8


def fault(data: bytes) -> str | None:
    """Return what is wrong with an input, or None."""
    integer = rb"(?:0|-?[1-9][0-9]{0,8})"
    match = re.fullmatch(rb"([1-9][0-9]{0,8})\n(" + integer + rb"(?: " + integer + rb")*)\n", data)
    if match is None:
        return "want two lines of integers separated by single spaces"
    count, positions = int(match[1]), list(map(int, match[2].split()))
    if count > MAX_COUNT:
        return f"n must be at most {MAX_COUNT}, got {count}"
    if len(positions) != count:
        return f"n is {count}, but there are {len(positions)} coordinates"
    outermost = max(positions, key=abs)
    if abs(outermost) > MAX_POSITION:
        return f"coordinates must be within {MAX_POSITION}, got {outermost}"
    return None


if __name__ == "__main__":
    message = fault(sys.stdin.buffer.read())
    if message is not None:
        sys.stderr.write(message + "\n")
    sys.exit(42 if message is None else 43)
