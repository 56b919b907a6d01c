# Finds out about all smaller heaps anew for each heap.
k, q = map(int, input().split())
takes = list(map(int, input().split()))

for asked in map(int, input().split()):
    outcome = [-1]
    for heap in range(1, asked + 1):
        outcome.append(max((-outcome[heap - take] for take in takes if take <= heap), default=0))
    print({1: "first", 0: "draw", -1: "second"}[outcome[asked]])
