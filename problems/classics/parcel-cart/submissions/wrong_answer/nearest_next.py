# Wrong: loads the nearest parcel again and again until the cart is full.
import sys


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


steps = read()
left = set(range(1, len(steps)))
total = 0
while left:
    here = 0
    for _ in range(min(3, len(left))):
        following = min(left, key=lambda parcel: (steps[here][parcel], parcel))
        total += steps[here][following]
        left.remove(following)
        here = following
    total += steps[here][0]
print(total)
