# Crashes: the right idea as a recursion over the weights, deeper than Python allows.
def place(i, ahead):
    """Return the left pan for weights 1 to i and the difference at the end."""
    if i == 0:
        return [], ahead
    if ahead <= 0:
        left, end = place(i - 1, ahead + weights[i - 1])
        left.append(i)
        return left, end
    return place(i - 1, ahead - weights[i - 1])


n = int(input())
weights = list(map(int, input().split()))
left, end = place(n, 0)
if end:
    print("NO")
else:
    print("YES")
    print(len(left))
    print(*left)
