# Wrong: explores only what can be reached from island 1.
import sys


def main():
    n, m, *ends = map(int, sys.stdin.read().split())
    around = [[] for _ in range(n + 1)]
    for half, island in enumerate(ends):
        around[island].append((ends[half ^ 1], half // 2))
    order = [0] * (n + 1)
    low = [0] * (n + 1)
    order[1] = low[1] = clock = 1
    vital = 0
    stack = [(1, -1, iter(around[1]))]
    while stack:
        island, arrival, others = stack[-1]
        for other, line in others:
            if line == arrival:
                continue
            if order[other]:
                low[island] = min(low[island], order[other])
            else:
                clock += 1
                order[other] = low[other] = clock
                stack.append((other, line, iter(around[other])))
                break
        else:
            stack.pop()
            if stack:
                parent = stack[-1][0]
                low[parent] = min(low[parent], low[island])
                vital += low[island] > order[parent]
    print(vital)


main()
