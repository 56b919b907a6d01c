"""Turn by turn, with a queue that is quick at both ends."""

import sys
from collections import deque


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, q, c, *needs = map(int, data.split())
    home = [0] * n
    queue = deque(range(n))
    now = -c
    while queue:
        person = queue.popleft()
        litres = min(q, needs[person])
        now += c + litres
        needs[person] -= litres
        if needs[person]:
            queue.append(person)
        else:
            home[person] = now
    return " ".join(map(str, home)).encode() + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
