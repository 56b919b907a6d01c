"""Sort by weight and give each, the heaviest first, to the lighter pan: the bound holds sorted, too."""

n = int(input())
weights = list(map(int, input().split()))

pans = ([], [])
loads = [0, 0]
for i in sorted(range(n), key=weights.__getitem__, reverse=True):
    lighter = 0 if loads[0] <= loads[1] else 1
    pans[lighter].append(i + 1)
    loads[lighter] += weights[i]
if loads[0] != loads[1]:
    print("NO")
else:
    print("YES")
    print(len(pans[0]))
    print(*pans[0])
