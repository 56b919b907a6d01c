# Wrong: does not delete the last digit that is left.
from collections import deque

m, a, b, k = map(int, input().split())
closed = set(map(int, input().split()))

closed.add(a)
queue = deque([(a, 0)])
answer = "never"
while queue:
    number, presses = queue.popleft()
    if number == b:
        answer = presses
        break
    keys = [number + 1, 2 * number]
    if number >= 10:
        keys.append(number // 10)
    for shown in keys:
        if shown <= m and shown not in closed:
            closed.add(shown)
            queue.append((shown, presses + 1))
print(answer)
