# Wrong: a candidate leaves the queue one step late, so a window can see k + 1 values.
from collections import deque

n, k = map(int, input().split())
a = list(map(int, input().split()))

queue = deque()
maxima = []
for i, value in enumerate(a):
    while queue and a[queue[-1]] <= value:
        queue.pop()
    queue.append(i)
    if queue[0] < i - k:
        queue.popleft()
    if i >= k - 1:
        maxima.append(a[queue[0]])
print(*maxima)
