"""Accept (exit 42) an input of Free Pass that obeys the statement."""

import re
import sys

LINE = rb"[1-9][0-9]{0,4} [1-9][0-9]{0,4} (?:0|[1-9][0-9]{0,9})\n"
SHAPE = re.compile(rb"[1-9][0-9]{0,4} (?:0|[1-9][0-9]{0,4})\n(?:" + LINE + rb")*")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of two integers, then lines of three, with single spaces between them"
    n, m, *roads = map(int, data.split())
    if not 2 <= n <= 30_000 or m > 40_000 or len(roads) != 3 * m:
        return f"n is {n}, m is {m}, with {len(roads) // 3} roads"
    for a, b, toll in zip(roads[::3], roads[1::3], roads[2::3], strict=True):
        if a == b or max(a, b) > n or toll > 10**9:
            return f"no road can be {a} {b} {toll}"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
