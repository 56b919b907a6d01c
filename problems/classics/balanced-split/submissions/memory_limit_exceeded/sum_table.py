# O(n * sum) memory: a table of which sums the first i weights can make.
n = int(input())
weights = list(map(int, input().split()))

total = sum(weights)
if total % 2:
    print("NO")
    raise SystemExit
half = total // 2
width = half + 1

table = bytearray((n + 1) * width)
table[0] = 1
for i, weight in enumerate(weights, 1):
    for load in range(width):
        table[i * width + load] = table[(i - 1) * width + load] or (
            load >= weight and table[(i - 1) * width + load - weight]
        )

left = []
for i in range(n, 0, -1):
    if not table[(i - 1) * width + half]:
        left.append(i)
        half -= weights[i - 1]
print("YES")
print(len(left))
print(*left)
