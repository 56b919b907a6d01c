"""Accept (exit 42) an input of Range Updates that obeys the statement."""

import re
import sys

INDEX = rb"[1-9][0-9]{0,5}"
VALUE = rb"(?:0|-?[1-9][0-9]{0,6})"
OPERATION = re.compile(rb"(?:sum (%b) (%b)|add (%b) (%b) (%b))\n" % (INDEX, INDEX, INDEX, INDEX, VALUE))
HEADER = re.compile(rb"(%b) (%b)\n" % (INDEX, INDEX))
MOST = 100_000


def check_operation(line: bytes, n: int) -> str:
    """Say what is wrong with one operation, or nothing."""
    match = OPERATION.fullmatch(line)
    if not match:
        return "no operation"
    left, right, value = int(match[1] or match[3]), int(match[2] or match[4]), int(match[5] or 0)
    if not left <= right <= n:
        return f"the range {left} to {right} is not within 1 to {n}"
    return "" if abs(value) <= 10**6 else f"v is {value}"


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    first, *lines = data.splitlines(keepends=True) or [b""]
    header = HEADER.fullmatch(first)
    if not header:
        return "the first line is not two positive integers"
    n, q = int(header[1]), int(header[2])
    if max(n, q) > MOST or q != len(lines):
        return f"n is {n} and q is {q}, with {len(lines)} operations"
    for number, line in enumerate(lines, 1):
        fault = check_operation(line, n)
        if fault:
            return f"operation {number}: {fault}"
    return "" if any(line.startswith(b"sum") for line in lines) else "there is no sum"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
