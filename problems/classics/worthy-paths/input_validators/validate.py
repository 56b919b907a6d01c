"""Accept (exit 42) an input of Worthy Paths that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,5}"
SHAPE = re.compile(
    rb"%b %b (?:0|[1-9][0-9]{0,2})\n(?:%b %b (?:0|[1-9][0-9]{0,9})\n)*" % (NUMBER, NUMBER, NUMBER, NUMBER)
)


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not lines of three integers"
    (h, w, n), *special = [tuple(map(int, line.split())) for line in data.splitlines()]
    if max(h, w) > 100_000 or n > 800 or n != len(special):
        return f"h, w, n are {h}, {w}, {n}, with {len(special)} special cells"
    if len({(r, c) for r, c, _ in special}) < n:
        return "some special cell comes twice"
    for r, c, f in special:
        if r > h or c > w or f > 10**9:
            return f"no special cell can be {r} {c} {f}"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
