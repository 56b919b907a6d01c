# Wrong: greedy, a ribbon always goes on to the next run of its colour, though that may keep others apart.
import sys

n, k, *numbers = map(int, sys.stdin.read().split())
prices, row = numbers[:k], numbers[k:]
row = [a for a, b in zip(row, row[1:] + [0]) if a != b]
total = 0
stack = []
for colour in row:
    if colour in stack:
        while stack[-1] != colour:
            stack.pop()
    else:
        stack.append(colour)
        total += prices[colour - 1]
print(total)
