"""Keep the positions that may still become a maximum in a queue of falling values."""

import sys
from collections import deque


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    _, window, *values = map(int, data.split())
    candidates: deque[int] = deque()
    maxima = []
    for position, value in enumerate(values):
        while candidates and values[candidates[-1]] <= value:
            candidates.pop()
        candidates.append(position)
        if candidates[0] <= position - window:
            candidates.popleft()
        if position >= window - 1:
            maxima.append(values[candidates[0]])
    return b"%s\n" % " ".join(map(str, maxima)).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
