# Wrong: lists a letter when the search enters it, though letters that come before it may still follow.
import sys

lines = sys.stdin.read().splitlines()
n, w = map(int, lines[0].split())
words = [list(map(int, line.split()[1:])) for line in lines[1:]]
later = [[] for _ in range(n + 1)]
has_earlier = [False] * (n + 1)
possible = True
for before, after in zip(words, words[1:]):
    for a, b in zip(before, after):
        if a != b:
            later[a].append(b)
            has_earlier[b] = True
            break
    else:
        possible = possible and len(before) <= len(after)
order = []
seen = [False] * (n + 1)
for start in range(1, n + 1):
    stack = [] if has_earlier[start] else [start]
    while stack:
        letter = stack.pop()
        if not seen[letter]:
            seen[letter] = True
            order.append(letter)
            stack.extend(later[letter])
print(*order if possible and len(order) == n else ["IMPOSSIBLE"])
