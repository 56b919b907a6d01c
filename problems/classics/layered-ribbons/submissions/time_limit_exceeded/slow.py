# The right idea centimetre by centimetre: O(n^3).
n, k = map(int, input().split())
prices = list(map(int, input().split()))
row = list(map(int, input().split()))
cost = [[0] * (n + 1) for _ in range(n + 1)]
for first in range(n - 1, -1, -1):
    for end in range(first + 1, n + 1):
        best = prices[row[first] - 1] + cost[first + 1][end]
        for later in range(first + 1, end):
            if row[later] == row[first]:
                best = min(best, cost[first + 1][later] + cost[later][end])
        cost[first][end] = best
print(cost[0][n])
