# Crashes: takes the first word for granted, but the log may be empty.
import sys

words = sys.stdin.read().split()[1:]
best = (-1, words[0])
length = 1
for previous, word in zip(words, words[1:]):
    length = length + 1 if word == previous else 1
    best = min(best, (-length, word))
print(best[1], -best[0])
