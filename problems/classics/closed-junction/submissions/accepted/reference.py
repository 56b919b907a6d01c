"""Depth-first search with its own stack. A branch below a junction that reaches nothing above it is cut off
when the junction is closed."""

import sys


class Search:
    """A depth-first search that knows for each junction the sizes of the branches it cuts off."""

    def __init__(self, around: list[list[int]]) -> None:
        self.around = around
        self.order = [0] * len(around)
        self.low = [0] * len(around)
        self.size = [1] * len(around)
        self.cut_off: list[list[int]] = [[] for _ in around]
        self.entered = 0

    def explore(self, root: int) -> list[int]:
        """Explore what can be reached from a junction, and return it."""
        around, order, low, size = self.around, self.order, self.low, self.size
        stack, part = [root], [root]
        self.entered += 1
        order[root] = low[root] = self.entered
        while stack:
            here = stack[-1]
            if around[here]:
                other = around[here].pop()
                if not order[other]:
                    self.entered += 1
                    order[other] = low[other] = self.entered
                    stack.append(other)
                    part.append(other)
                elif order[other] < low[here]:
                    low[here] = order[other]
                continue
            stack.pop()
            if stack:
                above = stack[-1]
                size[above] += size[here]
                low[above] = min(low[above], low[here])
                if low[here] >= order[above]:
                    self.cut_off[above].append(size[here])
        return part


def pairs(count: int) -> int:
    """Return how many pairs there are among so many."""
    return count * (count - 1) // 2


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, _, *ends = map(int, data.split())
    around: list[list[int]] = [[] for _ in range(n + 1)]
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        around[a].append(b)
        around[b].append(a)
    search = Search(around)
    damage = [-1] * (n + 1)
    for root in range(1, n + 1):
        if search.order[root]:
            continue
        part = search.explore(root)
        for junction in part:
            branches = search.cut_off[junction]
            rest = len(part) - 1 - sum(branches)
            damage[junction] = pairs(len(part) - 1) - pairs(rest) - sum(map(pairs, branches))
    worst = max(damage)
    return b"%d %d\n" % (damage.index(worst), worst)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
