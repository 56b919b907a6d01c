"""A stack of rising heights knows the nearest lower hut on one side; two passes, then the nearer one."""

import sys


def nearest_in_the_west(heights: list[int]) -> list[int]:
    """Return for each hut the index of the nearest lower one before it, or -1."""
    stack: list[int] = []
    nearest = []
    for i, height in enumerate(heights):
        while stack and heights[stack[-1]] >= height:
            stack.pop()
        nearest.append(stack[-1] if stack else -1)
        stack.append(i)
    return nearest


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, *heights = map(int, data.split())
    west = nearest_in_the_west(heights)
    mirrored = nearest_in_the_west(heights[::-1])
    answers = []
    for i in range(n):
        left, right = west[i], n - 1 - mirrored[n - 1 - i]
        if right < n and (left < 0 or right - i < i - left):
            left = right
        answers.append(left + 1)
    return (" ".join(map(str, answers)) + "\n").encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
