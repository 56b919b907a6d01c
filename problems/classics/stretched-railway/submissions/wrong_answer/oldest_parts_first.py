# Wrong: takes the lines of each town from the parts that have waited longest, so long parts branch off.
from collections import deque

n = int(input())
degrees = list(map(int, input().split()))

if sum(degrees) != 2 * n - 2:
    print("impossible")
    raise SystemExit
parts = deque(town for town in range(n) if degrees[town] == 1)
for town in sorted((town for town in range(n) if degrees[town] > 1), key=lambda town: degrees[town]):
    for _ in range(degrees[town] - 1):
        print(town + 1, parts.popleft() + 1)
    parts.append(town)
print(parts[0] + 1, parts[1] + 1)
