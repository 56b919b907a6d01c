"""Decide whether an output of Stretched Railway is right: exit 42 if so, else 43 with a message.

Usage: validate.py INPUT ANSWER FEEDBACK_DIRECTORY < OUTPUT

The towns that want more than one line can always be put in a row, with one more town at each of its ends, and
no way can be longer: inside it has only such towns.
"""

import sys
from pathlib import Path

ACCEPTED, WRONG = 42, 43
LONGEST_NUMBER = 5


def read_ends(n: int, tokens: list[bytes]) -> list[int] | str:
    """Return the ends of the lines, numbered from 0, or what is wrong with them."""
    if len(tokens) != 2 * n - 2:
        return f"{len(tokens)} numbers where {2 * n - 2} are due"
    ends = []
    for token in tokens:
        number = int(token) if len(token) <= LONGEST_NUMBER and token.isdigit() else 0
        if not 1 <= number <= n:
            return f"end {len(ends) + 1} of the lines is no number from 1 to {n}"
        ends.append(number - 1)
    return ends


def explore(around: list[list[int]], start: int) -> tuple[list[int], int]:
    """Return the towns that can be reached, nearest first, and how far away the last one is."""
    distance = {start: 0}
    order = [start]
    for town in order:
        for other in around[town]:
            if other not in distance:
                distance[other] = distance[town] + 1
                order.append(other)
    return order, distance[order[-1]]


def check_railway(degrees: list[int], tokens: list[bytes]) -> str:
    """Say what is wrong with the railway, or nothing."""
    n = len(degrees)
    ends = read_ends(n, tokens)
    if isinstance(ends, str):
        return ends
    around: list[list[int]] = [[] for _ in range(n)]
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        around[a].append(b)
        around[b].append(a)
    for town, degree in enumerate(degrees):
        if len(around[town]) != degree:
            return f"town {town + 1} wants {degree} lines and has {len(around[town])}"
    order, _ = explore(around, 0)
    if len(order) < n:
        return "not all towns can be reached from the first one"
    _, longest = explore(around, order[-1])
    due = sum(degree > 1 for degree in degrees) + 1
    return "" if longest == due else f"the longest way has {longest} lines where {due} are possible"


def check(degrees: list[int], tokens: list[bytes]) -> str:
    """Say what is wrong with the output, or nothing."""
    if sum(degrees) == 2 * len(degrees) - 2:
        return check_railway(degrees, tokens)
    return "" if tokens == [b"impossible"] else "there is no such railway"


def main() -> int:
    """Judge standard input and write the message file."""
    degrees = [int(token) for token in Path(sys.argv[1]).read_bytes().split()[1:]]
    fault = check(degrees, sys.stdin.buffer.read().split())
    Path(sys.argv[3], "judgemessage.txt").write_text((fault or "right") + "\n")
    return WRONG if fault else ACCEPTED


if __name__ == "__main__":
    sys.exit(main())
