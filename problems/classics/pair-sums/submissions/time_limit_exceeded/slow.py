# O(n^2): tries every pair.
n, target = map(int, input().split())
a = list(map(int, input().split()))

pairs = 0
for i in range(n):
    for j in range(i + 1, n):
        if a[i] + a[j] == target:
            pairs += 1
print(pairs)
