# Wrong: goes east when a lower hut is equally near on both sides.
n = int(input())
heights = list(map(int, input().split()))


def nearest(values):
    stack, found = [], []
    for i, value in enumerate(values):
        while stack and values[stack[-1]] >= value:
            stack.pop()
        found.append(stack[-1] if stack else -1)
        stack.append(i)
    return found


west, mirrored = nearest(heights), nearest(heights[::-1])
answers = []
for i in range(n):
    left, right = west[i], n - 1 - mirrored[n - 1 - i]
    if right < n and (left < 0 or right - i <= i - left):
        left = right
    answers.append(left + 1)
print(*answers)
