# Counts the routes of each length one after the other, going over all channels each time.
import sys


def main():
    n, m, *ends = map(int, sys.stdin.read().split())
    channels = list(zip(ends[::2], ends[1::2]))
    mouth = [True] * (n + 1)
    here = [1] * (n + 1)
    for a, b in channels:
        mouth[a] = False
        here[b] = 0
    here[0] = total = 0
    while any(here):
        total += sum(count for count, at_mouth in zip(here, mouth) if at_mouth)
        then = [0] * (n + 1)
        for a, b in channels:
            then[b] = (then[b] + here[a]) % 998244353
        here = then
    print(total % 998244353)


main()
