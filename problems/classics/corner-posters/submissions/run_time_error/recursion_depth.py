# Crashes: handles the posters recursively, deeper than Python allows.
import sys

n, *sides = map(int, sys.stdin.read().split())
posters = sorted(zip(sides[::2], sides[1::2]), reverse=True)


def area(i, top):
    if i == n:
        return 0
    width, height = posters[i]
    return width * max(0, height - top) + area(i + 1, max(top, height))


print(area(0, 0))
