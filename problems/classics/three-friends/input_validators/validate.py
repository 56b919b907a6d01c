"""Accept (exit 42) an input of Three Friends that obeys the statement."""

import re
import sys

NUMBER = rb"[1-9][0-9]{0,4}"
PAIR = NUMBER + rb" " + NUMBER
SHAPE = re.compile(PAIR + rb"\n(?:" + PAIR + rb"\n)*(?:" + PAIR + rb" " + NUMBER + rb"\n)+")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not lines of two, then lines of three integers with single spaces between them"
    lines = data.splitlines()
    n, q = map(int, lines[0].split())
    pairs = sum(line.count(b" ") == 1 for line in lines)
    if max(n, q) > 40_000 or pairs != n or len(lines) != n + q:
        return f"n is {n}, q is {q}, with {pairs - 1} paths and {len(lines) - pairs} questions"
    if max(map(int, b" ".join(lines[1:]).split())) > n:
        return "some hut is not there"
    ends = [int(token) for token in b" ".join(lines[1:n]).split()]
    return "" if is_tree(n, ends) else "the paths join some huts twice"


def is_tree(n: int, ends: list[int]) -> bool:
    """Tell whether every path joins huts that were not joined yet."""
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
