# Crashes: each jump is a call within the one before, and there are more jumps than Python allows calls.
n, minutes = map(int, input().split())
jumps = list(map(int, input().split()))
rests = list(map(int, input().split()))


def walk(here, left, made):
    if left < rests[here]:
        return here, made
    return walk((here + jumps[here]) % n, left - rests[here], made + 1)


here, made = walk(0, minutes, 0)
print(here + 1, made)
