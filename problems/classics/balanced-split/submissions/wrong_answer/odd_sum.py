# Wrong: off by one about what is impossible, a difference of 1 is taken for balanced.
n = int(input())
weights = list(map(int, input().split()))

half = sum(weights) // 2
left = []
for i in range(n, 0, -1):
    if weights[i - 1] <= half:
        half -= weights[i - 1]
        left.append(i)
if half:
    print("NO")
else:
    print("YES")
    print(len(left))
    print(*left)
