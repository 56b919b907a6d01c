# Wrong: counts the buses with an easy change, not the pairs.
n, m, x, y = map(int, input().split())
buses = list(map(int, input().split()))
trains = list(map(int, input().split()))

train = easy = 0
for bus in buses:
    while train < m and trains[train] < bus + x:
        train += 1
    if train < m and trains[train] <= bus + y:
        easy += 1
print(easy)
