# Counts the lines between every two islands in one table with n * n entries.
import sys


def main():
    n, m, *ends = map(int, sys.stdin.read().split())
    count = [0] * (n * n)
    for a, b in zip(ends[::2], ends[1::2]):
        count[(a - 1) * n + b - 1] += 1
        count[(b - 1) * n + a - 1] += 1
    order = [0] * n
    low = [0] * n
    clock = vital = 0
    for root in range(n):
        if order[root]:
            continue
        clock += 1
        order[root] = low[root] = clock
        stack = [(root, -1, iter(range(n)))]
        while stack:
            island, parent, others = stack[-1]
            row = island * n
            for other in others:
                lines = count[row + other]
                if not lines or (other == parent and lines == 1):
                    continue
                if order[other]:
                    low[island] = min(low[island], order[other])
                else:
                    clock += 1
                    order[other] = low[other] = clock
                    stack.append((other, island, iter(range(n))))
                    break
            else:
                stack.pop()
                if stack:
                    low[parent] = min(low[parent], low[island])
                    vital += low[island] > order[parent]
    print(vital)


main()
