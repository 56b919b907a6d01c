# Wrong: goes backwards in time from a network without any cable, though some cables are never cut.
import sys

n, m, q, *numbers = map(int, sys.stdin.read().split())
ends, cuts = numbers[: 2 * m], numbers[2 * m :]
leader = list(range(n + 1))
size = [1] * (n + 1)


def find(a):
    while leader[a] != a:
        leader[a] = a = leader[leader[a]]
    return a


largest = 1
answers = []
for cable in reversed(cuts):
    answers.append(largest)
    a, b = find(ends[2 * cable - 2]), find(ends[2 * cable - 1])
    if a != b:
        if size[a] < size[b]:
            a, b = b, a
        leader[b] = a
        size[a] += size[b]
        largest = max(largest, size[a])
print(*reversed(answers), sep="\n")
