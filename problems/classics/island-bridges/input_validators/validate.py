"""Check an input of Island Bridges on standard input: exit 42 when it is valid, else 43."""

from __future__ import annotations

import re
import sys

MAX_ISLANDS = 100_000
MAX_LINES = 100_000


def fault(data: bytes) -> str | None:
    """Return what is wrong with an input, or None."""
    positive = rb"[1-9][0-9]{0,6}"
    pair = positive + rb" " + positive + rb"\n"
    if re.fullmatch(positive + rb" (?:0\n|" + positive + rb"\n(?:" + pair + rb")+)", data) is None:
        return "want a line with n and m, then lines of two integers separated by single spaces"
    first, *lines = data.splitlines()
    islands, count = map(int, first.split())
    if islands > MAX_ISLANDS or count > MAX_LINES:
        return f"n must be at most {MAX_ISLANDS} and m at most {MAX_LINES}, got {islands} and {count}"
    if len(lines) != count:
        return f"m is {count}, but {len(lines)} lines follow"
    for number, line in enumerate(lines, 1):
        a, b = map(int, line.split())
        if a == b or max(a, b) > islands:
            return f"line {number}: want two different islands of 1..{islands}, got {a} and {b}"
    return None


if __name__ == "__main__":
    message = fault(sys.stdin.buffer.read())
    if message is not None:
        sys.stderr.write(message + "\n")
    sys.exit(42 if message is None else 43)
