# Tries all ways to divide the parcels among drives.
import sys
from itertools import combinations, permutations


def read():
    """Return the steps between all places; place 0 is the gate."""
    rows = sys.stdin.read().split()[2:]
    cells = {(i, j): cell for i, row in enumerate(rows) for j, cell in enumerate(row) if cell != "#"}
    places = sorted((place for place in cells if cells[place] in "*G"), key=lambda place: cells[place] == "*")
    steps = []
    for start in places:
        found = {start: 0}
        todo = [start]
        for i, j in todo:
            for place in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                if place in cells and place not in found:
                    found[place] = found[i, j] + 1
                    todo.append(place)
        steps.append([found[place] for place in places])
    return steps


def drive(steps, group):
    """Return the steps of the shortest drive to some parcels."""
    return min(sum(steps[a][b] for a, b in zip((0, *order), (*order, 0))) for order in permutations(group))


steps = read()


def least(parcels):
    """Return the steps to bring all these parcels."""
    if not parcels:
        return 0
    first, *others = parcels
    best = 10**9
    for size in range(3):
        for group in combinations(others, size):
            rest = [parcel for parcel in others if parcel not in group]
            best = min(best, drive(steps, (first, *group)) + least(rest))
    return best


print(least(range(1, len(steps))))
