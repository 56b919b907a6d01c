# Wrong: goes on with numbers above m, up to twice as many, and comes back by deleting a digit.
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
    for shown in (number + 1, 2 * number, number // 10):
        if shown <= 2 * m + 1 and shown not in closed:
            closed.add(shown)
            queue.append((shown, presses + 1))
print(answer)
