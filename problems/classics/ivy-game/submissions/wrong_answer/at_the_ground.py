# Wrong: looks for winning cuts only among the stems that grow out of the ground.
n = int(input())
parents = [0, *map(int, input().split())]
value = [0] * (n + 1)
for stem in range(n, 0, -1):
    value[parents[stem]] ^= value[stem] + 1
winning = [stem for stem in range(1, n + 1) if parents[stem] == 0 and value[stem] + 1 == value[0]]
print(len(winning), winning[0] if winning else 0)
