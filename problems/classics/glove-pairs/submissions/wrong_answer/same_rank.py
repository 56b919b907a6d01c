# Wrong: only tries gloves of the same rank, as if none were left over.
import sys

n, m, d, *sizes = map(int, sys.stdin.read().split())
print(sum(abs(a - b) <= d for a, b in zip(sorted(sizes[:n]), sorted(sizes[n:]))))
