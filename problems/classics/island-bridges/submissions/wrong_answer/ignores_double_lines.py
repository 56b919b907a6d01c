# Wrong: skips every way back to the parent island, also a second line that makes the first one safe.
import sys


def main():
    n, m, *ends = map(int, sys.stdin.read().split())
    around = [[] for _ in range(n + 1)]
    for a, b in zip(ends[::2], ends[1::2]):
        around[a].append(b)
        around[b].append(a)
    order = [0] * (n + 1)
    low = [0] * (n + 1)
    clock = vital = 0
    for root in range(1, n + 1):
        if order[root]:
            continue
        clock += 1
        order[root] = low[root] = clock
        stack = [(root, 0, iter(around[root]))]
        while stack:
            island, parent, others = stack[-1]
            for other in others:
                if other == parent:
                    continue
                if order[other]:
                    low[island] = min(low[island], order[other])
                else:
                    clock += 1
                    order[other] = low[other] = clock
                    stack.append((other, island, iter(around[other])))
                    break
            else:
                stack.pop()
                if parent:
                    low[parent] = min(low[parent], low[island])
                    vital += low[island] > order[parent]
    print(vital)


main()
