# Crashes: fills every block of k from its end, but the last block may be shorter than k.
n, k = map(int, input().split())
a = list(map(int, input().split()))

prefix = a[:]
for i in range(n):
    if i % k:
        prefix[i] = max(prefix[i - 1], a[i])

suffix = a[:]
for start in range(0, n, k):
    for i in range(start + k - 2, start - 1, -1):
        suffix[i] = max(a[i], suffix[i + 1])

print(*(max(suffix[i], prefix[i + k - 1]) for i in range(n - k + 1)))
