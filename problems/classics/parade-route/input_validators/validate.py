"""Accept (exit 42) an input of Parade Route that obeys the statement."""

import re
import sys

GAIN = rb"(?:0|-?[1-9][0-9]{0,9})"
ROAD = rb"[1-9][0-9]{0,4} [1-9][0-9]{0,4} (?:0|[1-9][0-9]{0,9})\n"
SHAPE = re.compile(rb"[1-9][0-9]{0,4}\n" + GAIN + rb"(?: " + GAIN + rb")*\n(?:" + ROAD + rb")*")


def is_tree(n: int, roads: list[tuple[int, int]]) -> bool:
    """Tell whether n - 1 roads join n villages without a ring."""
    leader = list(range(n + 1))
    for a, b in roads:
        while leader[a] != a:
            leader[a] = a = leader[leader[a]]
        while leader[b] != b:
            leader[b] = b = leader[leader[b]]
        if a == b:
            return False
        leader[a] = b
    return True


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not a line with n, a line of gains, and lines of three integers"
    n, *gains = map(int, b" ".join(data.splitlines()[:2]).split())
    if n > 50_000 or len(gains) != n or max(map(abs, gains)) > 10**9:
        return f"n is {n}, with {len(gains)} gains up to {max(map(abs, gains))}"
    numbers = list(map(int, b" ".join(data.splitlines()[2:]).split()))
    ends, others, tolls = numbers[::3], numbers[1::3], numbers[2::3]
    if len(tolls) != n - 1 or max(tolls, default=0) > 10**9:
        return f"{len(tolls)} roads with tolls up to {max(tolls, default=0)}"
    if max(ends + others, default=1) > n:
        return f"there is no village {max(ends + others)}"
    return "" if is_tree(n, list(zip(ends, others, strict=True))) else "the roads close a ring"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
