# Wrong: a set of the values seen forgets how often each was seen.
n, target = map(int, input().split())

seen = set()
pairs = 0
for value in map(int, input().split()):
    if target - value in seen:
        pairs += 1
    seen.add(value)
print(pairs)
