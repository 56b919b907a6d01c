# Wrong: glues a ribbon for each run and never one below another.
n, k = map(int, input().split())
prices = list(map(int, input().split()))
row = list(map(int, input().split()))
print(sum(prices[a - 1] for a, b in zip(row, row[1:] + [0]) if a != b))
