# Wrong: keeps only the last rank of equal elements, so their own copies count as smaller ones.
import sys

n, *a = map(int, sys.stdin.read().split())
rank = {value: place for place, value in enumerate(sorted(a), 1)}
tree = [0] * (n + 1)
triples = 0
for seen, value in enumerate(a):
    smaller_before = 0
    node = rank[value]
    while node:
        smaller_before += tree[node]
        node -= node & -node
    triples += (seen - smaller_before) * (rank[value] - 1 - smaller_before)
    node = rank[value]
    while node <= n:
        tree[node] += 1
        node += node & -node
print(triples)
