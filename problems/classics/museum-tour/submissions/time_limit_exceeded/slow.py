# Keeps the number of halls seen apart from the minutes spent: O(n * n * T).
n, minutes, walk = map(int, input().split())
best = {(0, 0): 0}
for hall in range(n):
    time, joy = map(int, input().split())
    for seen in range(hall, -1, -1):
        for spent in range(minutes - time, -1, -1):
            if (seen, spent) in best:
                after = (seen + 1, spent + time)
                if after[1] + seen * walk <= minutes:
                    best[after] = max(best.get(after, 0), best[seen, spent] + joy)
print(max(best.values()))
