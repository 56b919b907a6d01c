# Crashes: skipping a group of equal values does not stop at the end of the list.
n, target = map(int, input().split())
a = sorted(map(int, input().split()))

pairs = 0
low, high = 0, n - 1
while low < high:
    total = a[low] + a[high]
    if total < target:
        low += 1
    elif total > target:
        high -= 1
    else:
        left = 1
        while a[low + left] == a[low]:
            left += 1
        if a[low] == a[high]:
            pairs += left * (left - 1) // 2
            break
        right = 1
        while a[high - right] == a[high]:
            right += 1
        pairs += left * right
        low += left
        high -= right
print(pairs)
