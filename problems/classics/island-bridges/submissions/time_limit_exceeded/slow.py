# Closes each line in turn and looks for a way around it, which is quadratic.
import sys


def main():
    data = sys.stdin
    n, m = map(int, data.readline().split())
    lines = [tuple(map(int, data.readline().split())) for _ in range(m)]
    around = [[] for _ in range(n + 1)]
    for k, (a, b) in enumerate(lines):
        around[a].append((b, k))
        around[b].append((a, k))

    def connected_without(closed):
        start, goal = lines[closed]
        seen = [False] * (n + 1)
        seen[start] = True
        stack = [start]
        while stack:
            island = stack.pop()
            for other, k in around[island]:
                if k != closed and not seen[other]:
                    seen[other] = True
                    stack.append(other)
        return seen[goal]

    print(sum(not connected_without(k) for k in range(m)))


main()
