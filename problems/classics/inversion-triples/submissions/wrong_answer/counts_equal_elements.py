# Wrong: bisects on the wrong side, so elements equal to the middle one are counted as larger.
from bisect import bisect_left


def add(tree, node):
    while node < len(tree):
        tree[node] += 1
        node += node & -node


def count(tree, node):
    total = 0
    while node:
        total += tree[node]
        node -= node & -node
    return total


n = int(input())
a = list(map(int, input().split()))
values = sorted(set(a))
ranks = [bisect_left(values, value) + 1 for value in a]
smaller_after = [0] * n
tree = [0] * (len(values) + 1)
for j in reversed(range(n)):
    smaller_after[j] = count(tree, ranks[j] - 1)
    add(tree, ranks[j])
triples = 0
tree = [0] * (len(values) + 1)
for j in range(n):
    larger_before = j - count(tree, ranks[j] - 1)
    triples += larger_before * smaller_after[j]
    add(tree, ranks[j])
print(triples)
