# Wrong: off by one cut, each answer is the size before its cut.
import sys

n, m, q, *numbers = map(int, sys.stdin.read().split())
ends, cuts = numbers[: 2 * m], numbers[2 * m :]
leader = list(range(n + 1))
size = [1] * (n + 1)
largest = 1


def find(a):
    while leader[a] != a:
        leader[a] = a = leader[leader[a]]
    return a


def add(cable):
    global largest
    a, b = find(ends[2 * cable - 2]), find(ends[2 * cable - 1])
    if a != b:
        if size[a] < size[b]:
            a, b = b, a
        leader[b] = a
        size[a] += size[b]
        largest = max(largest, size[a])


cut = set(cuts)
for cable in range(1, m + 1):
    if cable not in cut:
        add(cable)
answers = []
for cable in reversed(cuts):
    add(cable)
    answers.append(largest)
print(*reversed(answers), sep="\n")
