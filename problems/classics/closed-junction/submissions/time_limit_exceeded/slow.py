# Closes the junctions one by one and explores what is left: O(n (n + m)).
import sys


def main():
    n, m, *ends = map(int, sys.stdin.read().split())
    around = [[] for _ in range(n + 1)]
    for a, b in zip(ends[::2], ends[1::2]):
        around[a].append(b)
        around[b].append(a)
    worst, answer = -1, 0
    for closed in range(1, n + 1):
        seen = [False] * (n + 1)
        seen[closed] = True
        met = damage = 0
        for start in around[closed]:
            if seen[start]:
                continue
            seen[start] = True
            part = [start]
            for a in part:
                for b in around[a]:
                    if not seen[b]:
                        seen[b] = True
                        part.append(b)
            damage += met * len(part)
            met += len(part)
        if damage > worst:
            worst, answer = damage, closed
    print(answer, worst)


main()
