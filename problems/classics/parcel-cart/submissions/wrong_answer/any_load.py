# Wrong: takes one round trip to all parcels, as if the cart could carry any number.
import sys

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
states = {(0, 0): 0}
for _ in places[1:]:
    following = {}
    for (done, here), made in states.items():
        for parcel in range(1, len(places)):
            if not done >> parcel & 1:
                state = done | 1 << parcel, parcel
                following[state] = min(following.get(state, 10**9), made + steps[here][parcel])
    states = following
print(min(made + steps[here][0] for (_, here), made in states.items()))
