# Wrong: forgets that the stem itself, below what grows out of it, adds a move.
n = int(input())
parents = [0, *map(int, input().split())]
leaf = [True] * (n + 1)
for parent in parents[1:]:
    leaf[parent] = False
value = [0] * (n + 1)
for stem in range(n, 0, -1):
    value[parents[stem]] ^= 1 if leaf[stem] else value[stem]
wanted = [-1] * (n + 1)
wanted[0] = 0
winning = []
for stem in range(1, n + 1):
    parent = parents[stem]
    if wanted[parent] >= 0:
        wanted[stem] = (1 if leaf[stem] else value[stem]) ^ value[parent] ^ wanted[parent]
        if wanted[stem] == 0:
            winning.append(stem)
print(len(winning), winning[0] if winning else 0)
