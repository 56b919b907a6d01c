"""Accept (exit 42) an input of Shared Stretch that obeys the statement."""

import re
import sys

FARM = rb"[1-9][0-9]{0,4}"
PAIR = FARM + rb" " + FARM
LENGTH = rb"[1-9][0-9]{0,9}"
SHAPE = re.compile(PAIR + rb"\n(?:" + PAIR + rb" " + LENGTH + rb"\n)*(?:" + PAIR + rb" " + PAIR + rb"\n)+")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line of two, then lines of three, then lines of four integers with single spaces"
    (n, q), *rows = ([int(token) for token in line.split()] for line in data.splitlines())
    roads, questions = rows[: n - 1], rows[n - 1 :]
    if n > 30_000 or q > 15_000 or len(questions) != q or any(len(row) != 3 for row in roads):
        return f"n is {n}, q is {q}, with {len(rows)} roads and questions"
    if any(len(row) != 4 or max(row) > n for row in questions):
        return "some question is about a farm that is not there"
    if any(max(u, v) > n or w > 10**9 for u, v, w in roads):
        return "some road is too long or leads nowhere"
    return "" if is_tree(n, roads) else "the roads join some farms twice"


def is_tree(n: int, roads: list[list[int]]) -> bool:
    """Tell whether every road joins farms that were not joined yet."""
    leader = list(range(n + 1))
    for a, b, _ in roads:
        while leader[a] != a:
            leader[a] = a = leader[leader[a]]
        while leader[b] != b:
            leader[b] = b = leader[leader[b]]
        if a == b:
            return False
        leader[a] = b
    return True


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
