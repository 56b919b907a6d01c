# Wrong: gives each strip the height of the poster that ends there, though a wider one may be higher.
import sys

n, *sides = map(int, sys.stdin.read().split())
area = left = 0
for width, height in sorted(zip(sides[::2], sides[1::2])):
    area += (width - left) * height
    left = width
print(area)
