# Wrong: takes what grows out of the ground for heaps as large as the number of its stems.
n = int(input())
parents = [0, *map(int, input().split())]
size = [1] * (n + 1)
for stem in range(n, 0, -1):
    size[parents[stem]] += size[stem]
root = [0] * (n + 1)
total = 0
for stem in range(1, n + 1):
    if parents[stem]:
        root[stem] = root[parents[stem]]
    else:
        root[stem] = stem
        total ^= size[stem]
winning = [stem for stem in range(1, n + 1) if total ^ size[root[stem]] ^ size[root[stem]] - size[stem] == 0]
print(len(winning), winning[0] if winning else 0)
