"""Accept (exit 42) an input of Well in the Valley that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"(?:[1-9][0-9]{0,4} [1-9][0-9]{0,4}\n)+")


def is_tree(n: int, paths: list[tuple[int, int]]) -> bool:
    """Tell whether n - 1 paths join n huts without a ring."""
    leader = list(range(n + 1))
    for a, b in paths:
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
        return "not lines of two positive integers with a single space between them"
    n, well, *ends = map(int, data.split())
    if n > 20_000 or well > n or len(ends) != 2 * (n - 1):
        return f"n is {n}, the well is in {well}, with {len(ends) // 2} paths"
    if max(ends, default=1) > n:
        return f"there is no hut {max(ends)}"
    return "" if is_tree(n, list(zip(ends[::2], ends[1::2], strict=True))) else "the paths close a ring"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
