"""Accept (exit 42) an input of Clockwork Beetle that obeys the statement."""

import re
import sys

LINE = rb"[1-9][0-9]{0,9}(?: [1-9][0-9]{0,9})*\n"
SHAPE = re.compile(rb"[1-9][0-9]{0,5} (?:0|[1-9][0-9]{0,18})\n" + LINE + LINE)


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not three lines of integers with single spaces"
    (n, minutes), jumps, rests = (list(map(int, line.split())) for line in data.splitlines())
    if n > 100_000 or minutes > 10**18:
        return f"n is {n}, T is {minutes}"
    if not n == len(jumps) == len(rests):
        return f"n is {n}, with {len(jumps)} jumps and {len(rests)} rests"
    return "" if max(jumps) <= n and max(rests) <= 10**9 else "a jump or a rest is too long"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
