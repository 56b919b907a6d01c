# Wrong: takes one ribbon of each colour, though colours that return in turns need more.
n, k = map(int, input().split())
prices = list(map(int, input().split()))
print(sum(prices[colour - 1] for colour in set(map(int, input().split()))))
