# Wrong: again and again drives to the three parcels that are nearest to the gate.
import sys
from itertools import permutations


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
parcels = sorted(range(1, len(steps)), key=steps[0].__getitem__)
print(sum(drive(steps, parcels[i : i + 3]) for i in range(0, len(parcels), 3)))
