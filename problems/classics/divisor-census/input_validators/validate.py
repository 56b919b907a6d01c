"""Accept (exit 42) an input of Divisor Census that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"[1-9][0-9]{0,4}\n(?:[1-9][0-9]{0,5} [1-9][0-9]{0,5} [1-9][0-9]{0,3}\n)+")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line with an integer, then lines of three integers"
    first, *lines = data.splitlines()
    if int(first) > 50_000 or int(first) != len(lines):
        return f"q is {int(first)}, with {len(lines)} questions"
    for line in lines:
        a, b, k = map(int, line.split())
        if not (a <= b <= 300_000 and k <= 1000):
            return f"no question can be {line.decode()!r}"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
