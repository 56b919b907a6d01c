# Wrong: counts what several posters cover several times.
import sys

n, *sides = map(int, sys.stdin.read().split())
print(sum(width * height for width, height in set(zip(sides[::2], sides[1::2]))))
