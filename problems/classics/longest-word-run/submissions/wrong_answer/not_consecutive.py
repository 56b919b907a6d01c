# Wrong: counts how often a word occurs at all, not how often in a row.
import sys
from collections import Counter

count = Counter(sys.stdin.read().split()[1:])
word, times = min(count.items(), key=lambda item: (-item[1], item[0]), default=("-", 0))
print(word, times)
