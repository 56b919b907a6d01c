# Crashes: looks for the ends of the row of towns that want several lines, though there may be no such town.
n = int(input())
degrees = list(map(int, input().split()))

if sum(degrees) != 2 * n - 2:
    print("impossible")
    raise SystemExit
row = [town for town in range(n) if degrees[town] > 1]
ends = [town for town in range(n) if degrees[town] == 1]
lines = [(row[0], ends.pop()), (row[-1], ends.pop()), *zip(row, row[1:])]
for town in row:
    for _ in range(degrees[town] - 2):
        lines.append((town, ends.pop()))
for a, b in lines:
    print(a + 1, b + 1)
