# Wrong: forgets that the first and the last are neighbours; one country may have one guest more than half.
from collections import Counter

n = int(input())
countries = list(map(int, input().split()))
count = Counter(countries)
if max(count.values()) > (n + 1) // 2:
    print("NO")
else:
    guests = sorted(range(n), key=lambda i: (-count[countries[i]], countries[i]))
    chairs = [0] * n
    half = (n + 1) // 2
    chairs[::2] = guests[:half]
    chairs[1::2] = guests[half:]
    print("YES")
    print(*(guest + 1 for guest in chairs))
