"""Accept (exit 42) an input of Linked Dials that obeys the statement."""

import re
import sys

SHAPE = re.compile(
    rb"[1-9][0-9]{0,4} [1-9][0-9]{0,9} [1-9][0-9]{0,4}\n"
    rb"(?:note [1-9][0-9]{0,4} [1-9][0-9]{0,4} (?:0|[1-9][0-9]{0,8})\n"
    rb"|ask [1-9][0-9]{0,4} [1-9][0-9]{0,4}\n)*"
)


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of three integers and lines of events"
    head, *events = data.splitlines()
    n, m, q = map(int, head.split())
    if n > 50_000 or m > 10**9 or q > 60_000 or len(events) != q:
        return f"n is {n}, m is {m}, q is {q}, with {len(events)} events"
    for event in events:
        a, b, *x = map(int, event.split()[1:])
        if max(a, b) > n or (x and x[0] >= m):
            return f"{event.decode()!r} does not fit n = {n}, m = {m}"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
