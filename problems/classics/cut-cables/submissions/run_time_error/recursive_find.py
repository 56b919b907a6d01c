# Finds leaders recursively and hangs clusters on each other as they come: the chains grow too deep.
import sys

n, m, q, *numbers = map(int, sys.stdin.read().split())
ends, cuts = numbers[: 2 * m], numbers[2 * m :]
leader = list(range(n + 1))
size = [1] * (n + 1)
largest = 1


def find(a):
    return a if leader[a] == a else find(leader[a])


def add(cable):
    global largest
    a, b = find(ends[2 * cable - 2]), find(ends[2 * cable - 1])
    if a != b:
        leader[b] = a
        size[a] += size[b]
        largest = max(largest, size[a])


cut = set(cuts)
for cable in range(1, m + 1):
    if cable not in cut:
        add(cable)
answers = []
for cable in reversed(cuts):
    answers.append(largest)
    add(cable)
print(*reversed(answers), sep="\n")
