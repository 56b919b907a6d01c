# O(n^2): looks through all towns for each town that wants a single line.
n = int(input())
degrees = list(map(int, input().split()))

if sum(degrees) != 2 * n - 2:
    print("impossible")
    raise SystemExit
row = [town for town in range(n) if degrees[town] > 1]
free = degrees[:]
lines = list(zip(row, row[1:]))
for a, b in lines:
    free[a] -= 1
    free[b] -= 1
ends = [town for town in range(n) if degrees[town] == 1]
if not row:
    lines = [tuple(ends)]
else:
    lines += [(row[0], ends[0]), (row[-1], ends[1])]
    free[row[0]] -= 1
    free[row[-1]] -= 1
    for end in ends[2:]:
        town = next(town for town in range(n) if degrees[town] > 1 and free[town])
        free[town] -= 1
        lines.append((town, end))
for a, b in lines:
    print(a + 1, b + 1)
