# Wrong: calls it impossible only if there are too few ends of lines or an odd number of them.
n = int(input())
degrees = list(map(int, input().split()))

if sum(degrees) < 2 * n - 2 or sum(degrees) % 2:
    print("impossible")
    raise SystemExit
row = [town for town in range(n) if degrees[town] > 1]
ends = [town for town in range(n) if degrees[town] == 1]
towns = [*ends[:1], *row, *ends[1:2]]
ends = ends[2:]
lines = list(zip(towns, towns[1:]))
for town in row:
    for _ in range(degrees[town] - 2):
        if ends:
            lines.append((town, ends.pop()))
for a, b in lines:
    print(a + 1, b + 1)
