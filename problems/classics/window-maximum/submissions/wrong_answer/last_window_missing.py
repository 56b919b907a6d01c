# Wrong: off by one, n - k + 1 windows exist but the last one is left out.
from collections import deque

n, k = map(int, input().split())
a = list(map(int, input().split()))

queue = deque()
maxima = []
for i in range(n):
    if i >= k:
        maxima.append(a[queue[0]])
        if queue[0] == i - k:
            queue.popleft()
    while queue and a[queue[-1]] < a[i]:
        queue.pop()
    queue.append(i)
print(*maxima)
