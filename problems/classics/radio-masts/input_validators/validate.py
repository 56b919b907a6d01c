"""Accept (exit 42) an input of Radio Masts that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,9}"
PAIR = NUMBER + rb" " + NUMBER
SHAPE = re.compile(rb"(" + NUMBER + rb")\n(" + NUMBER + rb"(?: " + NUMBER + rb")*)\n((?:" + PAIR + rb"\n)*)")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not an integer, then a line of integers, then lines of two, with single spaces between them"
    n = int(match[1])
    people = [int(token) for token in match[2].split()]
    ends = [int(token) for token in match[3].split()]
    if n > 50_000 or len(people) != n or len(ends) != 2 * n - 2:
        return f"n is {n}, with {len(people)} villages and {len(ends) // 2} roads"
    if max(people) > 10**9 or max(ends, default=1) > n:
        return "there are too many people, or roads to villages that are not there"
    return "" if is_tree(n, ends) else "the roads join some villages twice"


def is_tree(n: int, ends: list[int]) -> bool:
    """Tell whether every road joins villages that were not joined yet."""
    leader = list(range(n + 1))
    for a, b in zip(ends[::2], ends[1::2], strict=True):
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
