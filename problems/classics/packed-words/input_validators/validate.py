"""Accept (exit 42) an input of Packed Words that obeys the statement."""

import re
import sys

RUNS = 60_000
COUNT = 10**9


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not re.fullmatch(rb'(?:"(?:[1-9][0-9]{0,9}[a-z])+"\n){2}', data):
        return "not two lines with a packed word each"
    for line in data.splitlines():
        counts = [int(count) for count in re.findall(rb"[0-9]+", line)]
        if len(counts) > RUNS or max(counts) > COUNT:
            return f"{len(counts)} runs, of up to {max(counts)} letters"
    return ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
