"""Accept (exit 42) an input of Turning Rings that obeys the statement."""

import json
import re
import sys

ROW = rb"\[(?:0|[1-9][0-9]{0,2})(?:, (?:0|[1-9][0-9]{0,2}))*\]"
SHAPE = re.compile(rb"\[%b(?:, %b)*\]\n(?:0|-?[1-9][0-9]{0,18})\n" % (ROW, ROW))


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line with rows of integers, then one with an integer"
    rows, steps = map(json.loads, data.splitlines())
    if len({len(row) for row in rows}) > 1:
        return "the rows are not of the same length"
    if len(rows) * len(rows[0]) > 60_000 or abs(steps) > 10**18:
        return f"{len(rows)} rows of {len(rows[0])} cells, {steps} steps"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
