"""Accept (exit 42) an input of Grid Distances that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"([1-9][0-9]{0,2}) ([1-9][0-9]{0,2})\n((?:[.#ST]+\n)+)")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not two integers and then lines of the characters . # S T"
    height, width, grid = int(match[1]), int(match[2]), match[3]
    rows = grid.split()
    if max(height, width) > 500 or height != len(rows):
        return f"h is {height} and w is {width}, with {len(rows)} rows"
    if any(len(row) != width for row in rows):
        return f"a row has not {width} cells"
    if grid.count(b"S") != 1 or grid.count(b"T") != 1:
        return f"{grid.count(b'S')} starts and {grid.count(b'T')} targets"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
