# Wrong: hangs towns level by level under the one that wants most, which keeps all ways short.
from collections import deque

n = int(input())
degrees = list(map(int, input().split()))

if sum(degrees) != 2 * n - 2:
    print("impossible")
else:
    order = sorted(range(n), key=lambda town: -degrees[town])
    free = deque([order[0]] * degrees[order[0]])
    for town in order[1:]:
        print(free.popleft() + 1, town + 1)
        free.extend([town] * (degrees[town] - 1))
