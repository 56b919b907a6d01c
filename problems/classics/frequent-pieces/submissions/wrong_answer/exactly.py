# Wrong: counts the pieces that come exactly k times.
from collections import Counter

n, k = map(int, input().split())
text = input()
pieces = 0
for size in range(1, n - k + 2):
    counts = Counter(text[start : start + size] for start in range(n - size + 1))
    pieces += sum(count == k for count in counts.values())
print(pieces)
