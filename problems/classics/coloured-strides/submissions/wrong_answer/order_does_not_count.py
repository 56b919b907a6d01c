# Wrong: counts ways with the same strides in another order as one.
import sys

k, _, *numbers = map(int, sys.stdin.read().split())
longest = min(max(numbers[k:]), 10**6)
ways = [1] + [0] * longest
for stride in range(1, k + 1):
    for length in range(stride, longest + 1):
        ways[length] = (ways[length] + numbers[stride - 1] * ways[length - stride]) % 1_000_000_007
for length in numbers[k:]:
    print(ways[min(length, longest)])
