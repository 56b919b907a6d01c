"""Accept (exit 42) an input of Bracket Prefix that obeys the statement."""

import re
import sys

LONGEST = 200_000


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = re.fullmatch(rb'"([()\[\]{}]*)"\n', data)
    if match is None:
        return "not a line with one string of brackets"
    return f"{len(match[1])} brackets" if len(match[1]) > LONGEST else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
