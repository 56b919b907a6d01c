# Wrong: lets every turn take q seconds, even when less is needed.
from collections import deque

n, q, c = map(int, input().split())
queue = deque(enumerate(map(int, input().split())))

home = [0] * n
now = -c
while queue:
    person, need = queue.popleft()
    now += c + q
    if need > q:
        queue.append((person, need - q))
    else:
        home[person] = now
print(*home)
