# Looks at every stretch: O(n^2).
n, k = map(int, input().split())
prefixes = [0]
for pattern in map(int, input().split()):
    prefixes.append(prefixes[-1] ^ pattern)
quiet = 0
for end in range(1, n + 1):
    last = prefixes[end]
    for start in range(end):
        if prefixes[start] ^ last < k:
            quiet += 1
print(quiet)
