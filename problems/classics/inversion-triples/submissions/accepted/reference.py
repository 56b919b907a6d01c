"""For each middle element: larger ones before it times smaller ones after it, by one Fenwick tree."""

import sys


def solve(data: bytes) -> bytes:
    """Return the output for an input."""
    sequence = list(map(int, data.split()[1:]))
    count = len(sequence)
    ordered = sorted(sequence)
    smaller: dict[int, int] = {}  # of each value: how many elements of the whole sequence are smaller
    for position, value in enumerate(ordered):
        smaller.setdefault(value, position)
    equal_before = dict.fromkeys(smaller, 0)
    tree = [0] * (count + 1)  # counts the elements seen, by the number of elements smaller than they
    triples = 0
    for seen, value in enumerate(sequence):
        rank = smaller[value]
        smaller_before = 0
        node = rank
        while node:
            smaller_before += tree[node]
            node &= node - 1
        larger_before = seen - smaller_before - equal_before[value]
        triples += larger_before * (rank - smaller_before)
        equal_before[value] += 1
        node = rank + 1
        while node <= count:
            tree[node] += 1
            node += node & -node
    return b"%d\n" % triples


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
