"""Accept (exit 42) an input of Two Camps that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"[1-9][0-9]{0,5} (?:0|[1-9][0-9]{0,5})\n(?:[1-9][0-9]{0,5} [1-9][0-9]{0,5}\n)*")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not lines of two integers with a single space between them"
    n, m, *ends = map(int, data.split())
    if n > 100_000 or m > 100_000 or len(ends) != 2 * m:
        return f"n is {n}, m is {m}, with {len(ends) // 2} quarrels"
    if any(a == b for a, b in zip(ends[::2], ends[1::2], strict=True)):
        return "a guest quarrels alone"
    return f"there is no guest {max(ends)}" if max(ends, default=1) > n else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
