# Wrong: does not make the jump that falls on the minute T itself.
n, minutes = map(int, input().split())
jumps = list(map(int, input().split()))
rests = list(map(int, input().split()))
first = {}
here = made = 0
left = minutes
while here not in first and left > rests[here]:
    first[here] = made, left
    left -= rests[here]
    made += 1
    here = (here + jumps[here]) % n
if here in first:
    rounds, left = divmod(left, first[here][1] - left)
    made += rounds * (made - first[here][0])
while left > rests[here]:
    left -= rests[here]
    made += 1
    here = (here + jumps[here]) % n
print(here + 1, made)
