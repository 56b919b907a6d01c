# Wrong tie-break: keeps the first of the longest runs, whatever its word.
import sys
from itertools import groupby

words = sys.stdin.read().split()[1:]
best_word, best_length = "-", 0
for word, group in groupby(words):
    length = sum(1 for _ in group)
    if length > best_length:
        best_word, best_length = word, length
print(best_word, best_length)
