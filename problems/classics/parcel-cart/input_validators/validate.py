"""Accept (exit 42) an input of Parcel Cart that obeys the statement."""

import re
import sys

SHAPE = re.compile(rb"([1-9][0-9]?) ([1-9][0-9]?)\n((?:[.#*G]+\n)+)")


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = SHAPE.fullmatch(data)
    if not match:
        return "not two integers and rows of cells"
    h, w, rows = int(match[1]), int(match[2]), match[3].decode().splitlines()
    if max(h, w) > 60 or len(rows) != h or any(len(row) != w for row in rows):
        return f"h is {h}, w is {w}, with {len(rows)} rows of {sorted(set(map(len, rows)))} cells"
    cells = {(i, j): cell for i, row in enumerate(rows) for j, cell in enumerate(row) if cell != "#"}
    gates = [place for place, cell in cells.items() if cell == "G"]
    parcels = [place for place, cell in cells.items() if cell == "*"]
    if len(gates) != 1 or len(parcels) > 15:
        return f"there are {len(gates)} gates and {len(parcels)} parcels"
    reached = {gates[0]}
    for i, j in (todo := [gates[0]]):
        for place in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
            if place in cells and place not in reached:
                reached.add(place)
                todo.append(place)
    return "" if reached.issuperset(parcels) else "a parcel cannot be reached"


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
