"""Backwards in time cables are only added, which union-find with sizes can follow."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, m, q, *numbers = map(int, data.split())
    ends, cuts = numbers[: 2 * m], numbers[2 * m :]
    leader = list(range(n + 1))
    size = [1] * (n + 1)
    largest = 1

    def add(cable: int) -> None:
        nonlocal largest
        a, b = ends[2 * cable - 2], ends[2 * cable - 1]
        while leader[a] != a:
            leader[a] = a = leader[leader[a]]
        while leader[b] != b:
            leader[b] = b = leader[leader[b]]
        if a == b:
            return
        if size[a] < size[b]:
            a, b = b, a
        leader[b] = a
        size[a] += size[b]
        largest = max(largest, size[a])

    cut = set(cuts)
    for cable in range(1, m + 1):
        if cable not in cut:
            add(cable)
    answers = []
    for cable in reversed(cuts):
        answers.append(largest)
        add(cable)
    return "".join(f"{answer}\n" for answer in reversed(answers)).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
