# Crashes: decides about the orders recursively, deeper than Python allows.
import heapq
import sys

n, *numbers = map(int, sys.stdin.read().split())
orders = sorted(zip(numbers[1::2], numbers[::2]))
taken = []


def decide(i, hours):
    if i == n:
        return hours
    due, time = orders[i]
    heapq.heappush(taken, -time)
    hours += time
    if hours > due:
        hours += heapq.heappop(taken)
    return decide(i + 1, hours)


hours = decide(0, 0)
print(len(taken), hours)
