# Subset sums: remembers for every sum a pan can carry which weight reached it first. O(n * sum).
n = int(input())
weights = list(map(int, input().split()))

total = sum(weights)
if total % 2:
    print("NO")
    raise SystemExit
half = total // 2

reached_by = {0: -1}
for i, weight in enumerate(weights):
    for load in list(reached_by):
        if load + weight <= half and load + weight not in reached_by:
            reached_by[load + weight] = i
    if half in reached_by:
        break

if half not in reached_by:
    print("NO")
else:
    left = []
    while half:
        left.append(reached_by[half] + 1)
        half -= weights[reached_by[half]]
    print("YES")
    print(len(left))
    print(*left)
