# Crashes: the strong components by a recursive search, deeper than Python allows on long chains.
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
        after[b].append(a ^ 1)
    if kind != "never":
        after[a ^ 1].append(b)
        after[b ^ 1].append(a)
order, low, component = [0] * (2 * n), [0] * (2 * n), [-1] * (2 * n)
entered = found = 0
pending = []


def search(here):
    global entered, found
    entered += 1
    order[here] = low[here] = entered
    pending.append(here)
    for other in after[here]:
        if not order[other]:
            search(other)
            low[here] = min(low[here], low[other])
        elif component[other] < 0:
            low[here] = min(low[here], order[other])
    if low[here] == order[here]:
        while component[here] < 0:
            component[pending.pop()] = found
        found += 1


for setting in range(2 * n):
    if not order[setting]:
        search(setting)
if any(component[2 * i] == component[2 * i + 1] for i in range(n)):
    print("NO")
else:
    print("YES")
    print("".join("1" if component[2 * i] < component[2 * i + 1] else "0" for i in range(n)))
