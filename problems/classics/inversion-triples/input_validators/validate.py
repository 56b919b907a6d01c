"""Check an input of Inversion Triples on standard input: exit 42 when it is valid, else 43."""

from __future__ import annotations

import re
import sys

MAX_COUNT = 100_000
MAX_VALUE = 10**9


def fault(data: bytes) -> str | None:
    """Return what is wrong with an input, or None."""
    positive = rb"[1-9][0-9]{0,9}"
    match = re.fullmatch(rb"(" + positive + rb")\n(" + positive + rb"(?: " + positive + rb")*)\n", data)
    if match is None:
        return "want two lines of positive integers separated by single spaces"
    count, sequence = int(match[1]), match[2].split()
    if count > MAX_COUNT:
        return f"n must be at most {MAX_COUNT}, got {count}"
    if len(sequence) != count:
        return f"n is {count}, but there are {len(sequence)} elements"
    largest = max(map(int, sequence))
    return f"elements must be at most {MAX_VALUE}, got {largest}" if largest > MAX_VALUE else None


if __name__ == "__main__":
    message = fault(sys.stdin.buffer.read())
    if message is not None:
        sys.stderr.write(message + "\n")
    sys.exit(42 if message is None else 43)
