"""Accept (exit 42) an input of Coloured Strides that obeys the statement."""

import re
import sys

INTEGER = rb"(?:0|[1-9][0-9]{0,18})"
SHAPE = re.compile(rb"[1-5] [1-9][0-9]{0,3}\n%b(?: %b){0,4}\n(?:%b\n)+" % (INTEGER, INTEGER, INTEGER))


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of two integers, one of up to five, then lines of one"
    first, second, *lines = data.splitlines()
    k, q = map(int, first.split())
    colours, lengths = list(map(int, second.split())), list(map(int, lines))
    if q > 5000 or (k, q) != (len(colours), len(lengths)):
        return f"k is {k}, q is {q}, with {len(colours)} numbers of colours and {len(lengths)} questions"
    if max(colours) > 10**9 or max(lengths) > 10**18:
        return f"{max(colours)} colours or {max(lengths)} units are too many"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
