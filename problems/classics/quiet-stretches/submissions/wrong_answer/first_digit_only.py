# Wrong: looks only at the highest binary digit of k; patterns less than k that have it are not counted.
from collections import Counter

n, k = map(int, input().split())
prefixes = [0]
for pattern in map(int, input().split()):
    prefixes.append(prefixes[-1] ^ pattern)
count = Counter(prefix >> max(k.bit_length() - 1, 0) for prefix in prefixes)
print(sum(times * (times - 1) for times in count.values()) // 2 if k else 0)
