# Crashes: looks up numbers above m.
from collections import deque

m, a, b, k = map(int, input().split())
closed = [False] * (m + 1)
for number in map(int, input().split()):
    closed[number] = True

closed[a] = True
queue = deque([(a, 0)])
answer = "never"
while queue:
    number, presses = queue.popleft()
    if number == b:
        answer = presses
        break
    for shown in (number + 1, 2 * number, number // 10):
        if not closed[shown]:
            closed[shown] = True
            queue.append((shown, presses + 1))
print(answer)
