# Wrong: calls a game a draw only if nobody could ever win; who cannot win does not choose a draw.
k, q = map(int, input().split())
takes = list(map(int, input().split()))
heaps = list(map(int, input().split()))

outcome = ["second"]
for heap in range(1, max(heaps) + 1):
    reached = {outcome[heap - take] for take in takes if take <= heap}
    if "second" in reached:
        outcome.append("first")
    elif "first" in reached:
        outcome.append("second")
    else:
        outcome.append("draw")
for heap in heaps:
    print(outcome[heap])
