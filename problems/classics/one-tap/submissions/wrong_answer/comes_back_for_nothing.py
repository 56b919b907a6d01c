# Wrong: who needs exactly q litres more queues again for an empty turn.
from collections import deque

n, q, c = map(int, input().split())
queue = deque(enumerate(map(int, input().split())))

home = [0] * n
now = -c
while queue:
    person, need = queue.popleft()
    now += c + min(q, need)
    if need >= q:
        queue.append((person, need - q))
    else:
        home[person] = now
print(*home)
