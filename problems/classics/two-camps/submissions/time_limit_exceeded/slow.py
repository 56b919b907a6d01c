# Reads the whole list of quarrels for each guest to find the ones that concern the guest: O(n m).
import sys


def main():
    n, m, *ends = map(int, sys.stdin.read().split())
    pairs = list(zip(ends[::2], ends[1::2]))
    camp = [-1] * (n + 1)
    most = 0
    for guest in range(1, n + 1):
        if camp[guest] >= 0:
            continue
        camp[guest] = 0
        group = [guest]
        for a in group:
            for b, c in pairs:
                if a != b and a != c:
                    continue
                other = c if a == b else b
                if camp[other] < 0:
                    camp[other] = 1 - camp[a]
                    group.append(other)
                elif camp[other] == camp[a]:
                    print(-1)
                    return
        second = sum(camp[a] for a in group)
        most += max(second, len(group) - second)
    print(most)


main()
