# Wrong: looks for the smallest missing positive number and forgets that tickets start at 0.
n = int(input())
tickets = set(map(int, input().split()))
candidate = 1
while candidate in tickets:
    candidate += 1
print(candidate)
