"""Check an input of Missing Ticket on standard input: exit 42 when it is valid, else 43."""

from __future__ import annotations

import re
import sys

MAX_COUNT = 200_000
MAX_NUMBER = 10**9


def fault(data: bytes) -> str | None:
    """Return what is wrong with an input, or None."""
    match = re.fullmatch(rb"(0|[1-9][0-9]{0,9})\n((?:0|[1-9][0-9]{0,9})(?: (?:0|[1-9][0-9]{0,9}))*)?\n", data)
    if match is None:
        return "want two lines of integers separated by single spaces"
    count, numbers = int(match[1]), (match[2] or b"").split()
    if count > MAX_COUNT:
        return f"n must be at most {MAX_COUNT}, got {count}"
    if len(numbers) != count:
        return f"n is {count}, but there are {len(numbers)} numbers"
    largest = max(map(int, numbers), default=0)
    return f"numbers must be at most {MAX_NUMBER}, got {largest}" if largest > MAX_NUMBER else None


if __name__ == "__main__":
    message = fault(sys.stdin.buffer.read())
    if message is not None:
        sys.stderr.write(message + "\n")
    sys.exit(42 if message is None else 43)
