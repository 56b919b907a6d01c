"""Union-find in which every dial knows how far it is ahead of the one above it; finding flattens the path."""

import sys


class Dials:
    """Groups of dials whose offsets are known."""

    def __init__(self, n: int, m: int) -> None:
        self.m = m
        self.above = list(range(n + 1))
        self.ahead = [0] * (n + 1)

    def find(self, dial: int) -> int:
        """Return the leader of a dial, and let the whole path point to it directly."""
        above, ahead = self.above, self.ahead
        path = []
        while above[dial] != dial:
            path.append(dial)
            dial = above[dial]
        offset = 0
        for passed in reversed(path):
            offset = (offset + ahead[passed]) % self.m
            ahead[passed] = offset
            above[passed] = dial
        return dial

    def note(self, a: int, b: int, x: int) -> bytes:
        """Believe a note if possible."""
        group_a, group_b = self.find(a), self.find(b)
        offset = (x + self.ahead[a] - self.ahead[b]) % self.m
        if group_a == group_b:
            return b"false" if offset else b"known"
        self.above[group_b] = group_a
        self.ahead[group_b] = offset
        return b"new"

    def ask(self, a: int, b: int) -> bytes:
        """Tell how far b is ahead of a."""
        if self.find(a) != self.find(b):
            return b"open"
        return b"%d" % ((self.ahead[b] - self.ahead[a]) % self.m)


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    head, *events = data.splitlines()
    n, m, _ = map(int, head.split())
    dials = Dials(n, m)
    answers = []
    for event in events:
        kind, *numbers = event.split()
        answers.append((dials.note if kind == b"note" else dials.ask)(*map(int, numbers)))
    return b"\n".join([*answers, b""])


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
