# Wrong: counts the square root of a square as two divisors.
import sys
from bisect import bisect_left, bisect_right

numbers = list(map(int, sys.stdin.read().split()))[1:]
most = max(numbers[1::3])
counts = [0] * (most + 1)
for small in range(1, int(most**0.5) + 1):
    for multiple in range(small * small, most + 1, small):
        counts[multiple] += 2
having = {}
for number in range(1, most + 1):
    having.setdefault(counts[number], []).append(number)
for a, b, k in zip(numbers[::3], numbers[1::3], numbers[2::3]):
    found = having.get(k, [])
    print(bisect_right(found, b) - bisect_left(found, a))
