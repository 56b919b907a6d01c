# Wrong: believes that the loop always begins in cell 1 and leaves out rounds of the whole way.
n, minutes = map(int, input().split())
jumps = list(map(int, input().split()))
rests = list(map(int, input().split()))
seen = [False] * n
here = made = once = 0
while not seen[here]:
    seen[here] = True
    once += rests[here]
    made += 1
    here = (here + jumps[here]) % n
rounds, left = divmod(minutes, once)
made *= rounds
here = 0
while left >= rests[here]:
    left -= rests[here]
    made += 1
    here = (here + jumps[here]) % n
print(here + 1, made)
