# Makes every jump.
n, minutes = map(int, input().split())
jumps = list(map(int, input().split()))
rests = list(map(int, input().split()))
here = made = 0
while minutes >= rests[here]:
    minutes -= rests[here]
    here = (here + jumps[here]) % n
    made += 1
print(here + 1, made)
