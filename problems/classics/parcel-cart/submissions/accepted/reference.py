"""Distances by breadth-first search; then for each set of parcels that is left: the first of them goes with
at most two others, in the best order."""

import sys
from itertools import combinations, pairwise, permutations


def distances_from(start: int, width: int, cells: bytes) -> list[int]:
    """Return the steps from a cell to each one. Rows end with a cell that is a wall."""
    distance = [-1] * len(cells)
    distance[start] = 0
    edge, steps = [start], 0
    while edge:
        steps += 1
        following = []
        for place in edge:
            for other in (place - width, place + width, place - 1, place + 1):
                if distance[other] < 0 and cells[other] != 35:
                    distance[other] = steps
                    following.append(other)
        edge = following
    return distance


def drives(to_gate: list[int], between: list[list[int]]) -> list[list[tuple[int, int]]]:
    """Return for each parcel the drives in which it is the first by number: their sets and steps."""
    count = len(to_gate)
    found: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for size in (1, 2, 3):
        for group in combinations(range(count), size):
            steps = min(
                to_gate[a] + sum(between[b][c] for b, c in pairwise((a, *rest))) + to_gate[(a, *rest)[-1]]
                for a, *rest in permutations(group)
            )
            found[group[0]].append((sum(1 << parcel for parcel in group), steps))
    return found


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    size, *rows = data.split(b"\n")
    width = int(size.split()[1]) + 1
    cells = b"#" * width + b"#".join(rows) + b"#" * width
    gate = cells.index(b"G")
    parcels = [place for place, cell in enumerate(cells) if cell == 42]
    around = [distances_from(parcel, width, cells) for parcel in parcels]
    between = [[distance[other] for other in parcels] for distance in around]
    first_of = drives([distance[gate] for distance in around], between)
    full = 1 << len(parcels)
    too_many = 10**9
    least = [0] + [too_many] * (full - 1)
    for there in range(1, full):
        first = (there & -there).bit_length() - 1
        best = too_many
        for group, steps in first_of[first]:
            if group & there == group and least[there ^ group] + steps < best:
                best = least[there ^ group] + steps
        least[there] = best
    return b"%d\n" % least[-1]


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
