"""Accept (exit 42) an input of Warmest Tile that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"[1-9][0-9]{0,3}\n(?:(?:[1-9][0-9]{0,9} ){4}(?:0|-?[1-9][0-9]{0,9})\n)+")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line with n and lines of five integers with single spaces"
    n, *devices = [list(map(int, line.split())) for line in data.splitlines()]
    if n[0] > 8000 or n[0] != len(devices):
        return f"n is {n[0]}, with {len(devices)} devices"
    for x1, y1, x2, y2, t in devices:
        if not (x1 <= x2 <= 10**9 and y1 <= y2 <= 10**9 and abs(t) <= 10**9):
            return f"there is a device {x1} {y1} {x2} {y2} {t}"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
