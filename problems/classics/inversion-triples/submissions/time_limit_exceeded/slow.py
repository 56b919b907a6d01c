# Compares each middle element with all others, which is quadratic.
n = int(input())
a = list(map(int, input().split()))
triples = 0
for j in range(n):
    larger_before = sum(1 for i in range(j) if a[i] > a[j])
    smaller_after = sum(1 for k in range(j + 1, n) if a[k] < a[j])
    triples += larger_before * smaller_after
print(triples)
