"""Accept (exit 42) an input of River Routes that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"[1-9][0-9]{0,4} (?:0|[1-9][0-9]{0,4})\n(?:[1-9][0-9]{0,4} [1-9][0-9]{0,4}\n)*")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    if not SHAPE.fullmatch(data):
        return "not lines of two integers with a single space between them"
    n, m, *ends = map(int, data.split())
    if n > 50_000 or m > 70_000 or len(ends) != 2 * m:
        return f"n is {n}, m is {m}, with {len(ends) // 2} channels"
    if max(ends, default=1) > n:
        return f"there is no lake {max(ends)}"
    return "" if flows_down(n, ends) else "some water comes back"


def flows_down(n: int, ends: list[int]) -> bool:
    """Tell whether lakes can be taken away, each when no channel leads to it any more."""
    onward: list[list[int]] = [[] for _ in range(n + 1)]
    coming = [0] * (n + 1)
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        onward[a].append(b)
        coming[b] += 1
    free = [lake for lake in range(1, n + 1) if not coming[lake]]
    for lake in free:
        for other in onward[lake]:
            coming[other] -= 1
            if not coming[other]:
                free.append(other)
    return len(free) == n


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
