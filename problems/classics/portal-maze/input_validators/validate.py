"""Accept (exit 42) an input of Portal Maze that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"([1-9][0-9]{0,2}) ([1-9][0-9]{0,2})\n((?:[a-z.#]+\n)+)")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not two integers with a space between, then lines of '.', '#' and small letters"
    h, w, rows = int(match[1]), int(match[2]), match[3].splitlines()
    if max(h, w) > 400 or len(rows) != h or any(len(row) != w for row in rows):
        return f"no maze of {h} rows and {w} columns"
    return "the first or the last cell is a wall" if b"#" in (rows[0][:1], rows[-1][-1:]) else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
