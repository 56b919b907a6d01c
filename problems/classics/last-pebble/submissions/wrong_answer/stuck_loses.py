# Wrong: who cannot move loses, so there is never a draw.
k, q = map(int, input().split())
takes = list(map(int, input().split()))
heaps = list(map(int, input().split()))

wins = [False]
for heap in range(1, max(heaps) + 1):
    wins.append(any(take <= heap and not wins[heap - take] for take in takes))
for heap in heaps:
    print("first" if wins[heap] else "second")
