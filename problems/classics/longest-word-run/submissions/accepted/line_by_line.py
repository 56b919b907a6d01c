"""Keep the current run while reading one line at a time."""

n = int(input())
best = (0, "-")
current, length = "", 0
for _ in range(n):
    word = input()
    length = length + 1 if word == current else 1
    current = word
    best = min(best, (-length, word))
print(best[1], -best[0])
