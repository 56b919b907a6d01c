# Wrong: counts a walk to the first hall of the tour too.
n, minutes, walk = map(int, input().split())
best = [0] * (minutes + 1)
for _ in range(n):
    time, joy = map(int, input().split())
    for spent in range(minutes, time + walk - 1, -1):
        best[spent] = max(best[spent], best[spent - time - walk] + joy)
print(best[minutes])
