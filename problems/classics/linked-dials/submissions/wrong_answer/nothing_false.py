# Wrong: has no false notes; a note on two dials of a group is always taken for known.
import sys

n, m, q = map(int, sys.stdin.readline().split())
above = list(range(n + 1))
ahead = [0] * (n + 1)


def find(dial):
    path = []
    while above[dial] != dial:
        path.append(dial)
        dial = above[dial]
    offset = 0
    for passed in reversed(path):
        offset = ahead[passed] = (offset + ahead[passed]) % m
        above[passed] = dial
    return dial


for line in sys.stdin:
    kind, *numbers = line.split()
    a, b, *x = map(int, numbers)
    group_a, group_b = find(a), find(b)
    if kind == "ask":
        print((ahead[b] - ahead[a]) % m if group_a == group_b else "open")
    elif group_a == group_b:
        print("known")
    else:
        above[group_b] = group_a
        ahead[group_b] = x[0] + ahead[a] - ahead[b]
        print("new")
