# Marks every ticket in a table as long as the largest number, which may be 10^9.
n = int(input())
tickets = list(map(int, input().split()))
seen = [False] * (max(tickets, default=0) + 2)
for ticket in tickets:
    seen[ticket] = True
print(seen.index(False))
