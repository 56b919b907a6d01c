# Looks every candidate up in the list, which is quadratic.
n = int(input())
tickets = list(map(int, input().split()))
candidate = 0
while candidate in tickets:
    candidate += 1
print(candidate)
