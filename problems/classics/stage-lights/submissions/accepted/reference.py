"""Each wish means implications between settings, and the strong components of their graph decide. A component
is found after those that follow from it, so of the two settings of a light the one found first is taken."""

import sys


def implications(data: bytes) -> list[list[int]]:
    """Return what each setting implies: 2i stands for light i on, 2i + 1 for light i off."""
    words = data.split()
    after: list[list[int]] = [[] for _ in range(2 * int(words[0]))]
    for kind, first, second in zip(words[2::3], words[3::3], words[4::3], strict=True):
        a, b = 2 * int(first) - 2, 2 * int(second) - 2
        if kind in (b"never", b"differ"):
            after[a].append(b ^ 1)
            after[b].append(a ^ 1)
        if kind in (b"either", b"differ"):
            after[a ^ 1].append(b)
            after[b ^ 1].append(a)
        if kind == b"same":
            for setting, other in ((a, b), (b, a), (a ^ 1, b ^ 1), (b ^ 1, a ^ 1)):
                after[setting].append(other)
    return after


class Search:
    """A search for strong components, which numbers them in the order in which they are found."""

    def __init__(self, after: list[list[int]]) -> None:
        self.after = after
        self.order, self.low = [0] * len(after), [0] * len(after)
        self.component = [-1] * len(after)
        self.entered = self.found = 0
        self.pending: list[int] = []

    def enter(self, here: int) -> None:
        """Come to a node for the first time."""
        self.entered += 1
        self.order[here] = self.low[here] = self.entered
        self.pending.append(here)

    def leave(self, here: int) -> None:
        """Be done with a node; if it is the first of its component, number that."""
        if self.low[here] == self.order[here]:
            while self.component[here] < 0:
                self.component[self.pending.pop()] = self.found
            self.found += 1

    def explore(self, root: int) -> None:
        """Search from a node."""
        after, order, low, component = self.after, self.order, self.low, self.component
        path = [root]
        self.enter(root)
        while path:
            here = path[-1]
            if after[here]:
                other = after[here].pop()
                if not order[other]:
                    path.append(other)
                    self.enter(other)
                elif component[other] < 0 and order[other] < low[here]:
                    low[here] = order[other]
                continue
            path.pop()
            if path:
                low[path[-1]] = min(low[path[-1]], low[here])
            self.leave(here)


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    search = Search(implications(data))
    for setting in range(len(search.after)):
        if not search.order[setting]:
            search.explore(setting)
    on, off = search.component[::2], search.component[1::2]
    if any(a == b for a, b in zip(on, off, strict=True)):
        return b"NO\n"
    return b"YES\n" + b"".join(b"1" if a < b else b"0" for a, b in zip(on, off, strict=True)) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
