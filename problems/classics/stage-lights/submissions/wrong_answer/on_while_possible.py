# Wrong: goes through the lights once and turns each on unless a wish on earlier lights forbids it.
import sys

words = sys.stdin.read().split()
n = int(words[0])
wishes = [[] for _ in range(n)]
for kind, a, b in zip(words[2::3], words[3::3], words[4::3]):
    a, b = int(a) - 1, int(b) - 1
    wishes[max(a, b)].append((kind, min(a, b)))
fits = {
    "same": lambda a, b: a == b,
    "differ": lambda a, b: a != b,
    "either": lambda a, b: a or b,
    "never": lambda a, b: not (a and b),
}
on = []
for light in range(n):
    for setting in (True, False):
        if all(fits[kind](on[other], setting) for kind, other in wishes[light]):
            on.append(setting)
            break
    else:
        print("NO")
        break
else:
    print("YES")
    print("".join("1" if setting else "0" for setting in on))
