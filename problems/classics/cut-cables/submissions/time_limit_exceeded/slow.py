# Explores the whole network after each cut: O(q (n + m)).
import sys


def main():
    n, m, q, *numbers = map(int, sys.stdin.read().split())
    around = [set() for _ in range(n + 1)]
    for k in range(1, m + 1):
        a, b = numbers[2 * k - 2], numbers[2 * k - 1]
        around[a].add((b, k))
        around[b].add((a, k))
    for k in numbers[2 * m :]:
        a, b = numbers[2 * k - 2], numbers[2 * k - 1]
        around[a].remove((b, k))
        around[b].remove((a, k))
        seen = [False] * (n + 1)
        largest = 0
        for station in range(1, n + 1):
            if seen[station]:
                continue
            seen[station] = True
            cluster = [station]
            for a in cluster:
                for b, _ in around[a]:
                    if not seen[b]:
                        seen[b] = True
                        cluster.append(b)
            largest = max(largest, len(cluster))
        print(largest)


main()
