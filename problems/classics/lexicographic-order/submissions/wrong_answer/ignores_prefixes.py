# Wrong: a word followed by its own beginning orders no letters, but makes the dictionary impossible.
import sys
from collections import deque

lines = sys.stdin.read().splitlines()
n, w = map(int, lines[0].split())
words = [list(map(int, line.split()[1:])) for line in lines[1:]]
later = [[] for _ in range(n + 1)]
waits_for = [0] * (n + 1)
for before, after in zip(words, words[1:]):
    for a, b in zip(before, after):
        if a != b:
            later[a].append(b)
            waits_for[b] += 1
            break
ready = deque(letter for letter in range(1, n + 1) if not waits_for[letter])
order = []
while ready:
    letter = ready.popleft()
    order.append(letter)
    for other in later[letter]:
        waits_for[other] -= 1
        if not waits_for[other]:
            ready.append(other)
print(*order if len(order) == n else ["IMPOSSIBLE"])
