# Wrong: loads the lighter pan from the first weight on; the heavy ones come last and cannot be evened out.
n = int(input())
weights = list(map(int, input().split()))

left, ahead = [], 0
for i, weight in enumerate(weights, 1):
    if ahead <= 0:
        left.append(i)
        ahead += weight
    else:
        ahead -= weight
if ahead:
    print("NO")
else:
    print("YES")
    print(len(left))
    print(*left)
