# Wrong: follows the notes only in the direction in which they were written.
import sys


def ahead(links, a, b, m):
    found = {a: 0}
    todo = [a]
    for here in todo:
        if here == b:
            return found[b]
        for other, x in links.get(here, ()):
            if other not in found:
                found[other] = (found[here] + x) % m
                todo.append(other)
    return None


n, m, q = map(int, sys.stdin.readline().split())
links = {}
for line in sys.stdin:
    kind, *numbers = line.split()
    a, b, *x = map(int, numbers)
    offset = ahead(links, a, b, m)
    if kind == "ask":
        print("open" if offset is None else offset)
    elif offset is None:
        links.setdefault(a, []).append((b, x[0]))
        print("new")
    else:
        print("known" if offset == x[0] else "false")
