# Wrong: prints nothing when all of 0..n-1 are there and the answer is n.
n = int(input())
tickets = set(map(int, input().split()))
for candidate in range(n):
    if candidate not in tickets:
        print(candidate)
        break
