# O(n^2) when runs are long: measures the run anew from every line.
import sys

words = sys.stdin.read().split()[1:]

best_word, best_length = "-", 0
for start, word in enumerate(words):
    end = start
    while end < len(words) and words[end] == word:
        end += 1
    length = end - start
    if length > best_length or (length == best_length and word < best_word):
        best_word, best_length = word, length
print(best_word, best_length)
