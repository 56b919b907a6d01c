# Goes unit by unit, up to the longest way.
import sys


def main():
    k, _, *numbers = map(int, sys.stdin.read().split())
    colours, lengths = numbers[:k], numbers[k:]
    wanted = set(lengths)
    ways = {}
    last = [0] * (k - 1) + [1]
    for length in range(max(lengths) + 1):
        if length in wanted:
            ways[length] = last[-1]
        following = sum(count * before for count, before in zip(colours, reversed(last))) % 1_000_000_007
        last = last[1:] + [following]
    for length in lengths:
        print(ways[length])


main()
