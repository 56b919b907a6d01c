# Reads the list of all roads for each village to find its neighbours: O(n * n).
import sys


def main():
    n, *numbers = map(int, sys.stdin.read().split())
    people, ends = [0] + numbers[:n], numbers[n:]
    roads = list(zip(ends[::2], ends[1::2]))
    parent = [0] * (n + 1)
    order = [1]
    for village in order:
        for a, b in roads:
            if a == village and b != parent[village]:
                parent[b] = village
                order.append(b)
            elif b == village and a != parent[village]:
                parent[a] = village
                order.append(a)
    neither = [0] * (n + 1)
    gain = [0] * (n + 1)
    for village in reversed(order):
        up = parent[village]
        without = neither[village] + gain[village]
        people[up] += neither[village]
        neither[up] += without
        gain[up] = max(gain[up], people[village] - without)
    print(max(people[1], neither[1] + gain[1]))


main()
