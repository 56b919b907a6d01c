# Evaluates for every cut all that the stem hangs on again, down to the ground: O(n^2) for tall ivy.
n = int(input())
parents = [0, *map(int, input().split())]
value = [0] * (n + 1)
for stem in range(n, 0, -1):
    value[parents[stem]] ^= value[stem] + 1
winning = []
for cut in range(1, n + 1):
    old, new = value[cut] + 1, 0
    here = parents[cut]
    while here:
        after = value[here] ^ old ^ new
        old, new = value[here] + 1, after + 1
        here = parents[here]
    if value[0] ^ old ^ new == 0:
        winning.append(cut)
print(len(winning), winning[0] if winning else 0)
