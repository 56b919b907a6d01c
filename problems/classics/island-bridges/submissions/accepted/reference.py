"""Depth-first search with its own stack; a tree line is vital when nothing below it reaches above it."""

import sys


class Search:
    """A depth-first search over half-lines: 2k and 2k + 1 are the two directions of line k."""

    def __init__(self, islands: int, ends: list[int]) -> None:
        self.ends = ends
        self.around: list[list[int]] = [[] for _ in range(islands + 1)]
        for half, island in enumerate(ends):
            self.around[island].append(half)
        self.order = [0] * (islands + 1)
        self.low = [0] * (islands + 1)
        self.entered = 0

    def enter(self, island: int) -> None:
        """Give the island the next place in the order."""
        self.entered += 1
        self.order[island] = self.low[island] = self.entered

    def vital_from(self, root: int) -> int:
        """Explore what can be reached from an island and count the vital lines there."""
        ends, around, order, low = self.ends, self.around, self.order, self.low
        vital = 0
        self.enter(root)
        stack = [(root, -1)]
        while stack:
            island, arrival = stack[-1]
            if around[island]:
                half = around[island].pop()
                other = ends[half ^ 1]
                if not order[other]:
                    self.enter(other)
                    stack.append((other, half))
                elif half >> 1 != arrival >> 1 and order[other] < low[island]:
                    low[island] = order[other]
                continue
            stack.pop()
            if low[island] == order[island]:
                vital += island != root
            else:
                parent = stack[-1][0]
                low[parent] = min(low[parent], low[island])
        return vital


def solve(data: bytes) -> bytes:
    """Return the output for an input."""
    islands, _, *ends = map(int, data.split())
    search = Search(islands, ends)
    vital = sum(search.vital_from(island) for island in range(1, islands + 1) if not search.order[island])
    return b"%d\n" % vital


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
