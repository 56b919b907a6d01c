# Crashes: each turn calls the next one, and there are more turns than Python allows calls.
from collections import deque

n, q, c = map(int, input().split())
queue = deque(enumerate(map(int, input().split())))
home = [0] * n


def turn(start):
    person, need = queue.popleft()
    end = start + min(q, need)
    if need > q:
        queue.append((person, need - q))
    else:
        home[person] = end
    if queue:
        turn(end + c)


turn(0)
print(*home)
