# O(n k) memory: copies all windows into one table before it looks at any.
n, k = map(int, input().split())
a = list(map(int, input().split()))

windows = n - k + 1
table = [0] * (windows * k)
for i in range(windows):
    table[i * k : i * k + k] = a[i : i + k]
print(*(max(table[i * k : i * k + k]) for i in range(windows)))
