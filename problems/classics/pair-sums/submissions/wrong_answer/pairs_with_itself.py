# Wrong: halves the ordered pairs, but an element equal to s / 2 is also paired with itself.
from collections import Counter

n, target = map(int, input().split())
count = Counter(map(int, input().split()))

ordered = 0
for value, times in count.items():
    ordered += times * count.get(target - value, 0)
print(ordered // 2)
