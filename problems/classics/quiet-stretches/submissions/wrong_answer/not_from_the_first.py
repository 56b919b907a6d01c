# Wrong: leaves out the empty prefix, so no stretch begins with the first lamp.
from collections import Counter

n, k = map(int, input().split())
prefixes = [0]
for pattern in map(int, input().split()):
    prefixes.append(prefixes[-1] ^ pattern)
del prefixes[0]
quiet = 0
for bit in range(k.bit_length()):
    if k >> bit & 1:
        count = Counter(prefix >> bit for prefix in prefixes)
        wanted = k >> bit ^ 1
        if wanted:
            quiet += sum(times * count.get(leading ^ wanted, 0) for leading, times in count.items()) // 2
        else:
            quiet += sum(times * (times - 1) for times in count.values()) // 2
print(quiet)
