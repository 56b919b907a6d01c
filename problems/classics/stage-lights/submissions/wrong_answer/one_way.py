# Wrong: follows each wish only from its first light to its second one.
import sys

words = sys.stdin.read().split()
n = int(words[0])
after = [[] for _ in range(2 * n)]
for kind, a, b in zip(words[2::3], words[3::3], words[4::3]):
    a, b = 2 * int(a) - 2, 2 * int(b) - 2
    if kind == "same":
        b ^= 1
    if kind != "either":
        after[a].append(b ^ 1)
    if kind != "never":
        after[a ^ 1].append(b)
on = [False] * (2 * n)


def follow(setting):
    todo = [setting]
    on[setting] = True
    for here in todo:
        for other in after[here]:
            if on[other ^ 1]:
                for setting in todo:
                    on[setting] = False
                return False
            if not on[other]:
                on[other] = True
                todo.append(other)
    return True


for light in range(n):
    if on[2 * light] or on[2 * light + 1]:
        continue
    if not follow(2 * light) and not follow(2 * light + 1):
        print("NO")
        break
else:
    print("YES")
    print("".join("1" if setting else "0" for setting in on[::2]))
