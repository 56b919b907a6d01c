"""Accept (exit 42) an input of Museum Tour that obeys the statement."""

import re
import sys

COUNT = rb"[1-9][0-9]{0,3}"
HALLS = rb"(?:" + COUNT + rb" [1-9][0-9]{0,9}\n)+"
SHAPE = re.compile(rb"(" + COUNT + rb") (" + COUNT + rb") (0|[1-9][0-9]{0,2})\n(" + HALLS + rb")")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not a line of three integers, then lines of two, with single spaces between them"
    n, minutes, walk = (int(match[k]) for k in (1, 2, 3))
    numbers = [int(token) for token in match[4].split()]
    if max(n, minutes) > 1500 or walk > 100 or len(numbers) != 2 * n:
        return f"n is {n}, T is {minutes}, w is {walk}, with {len(numbers) // 2} halls"
    return "a hall is too long or too good" if max(numbers[::2]) > 1500 or max(numbers) > 10**9 else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
