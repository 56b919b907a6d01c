# Wrong: counts places that do not overlap.
n, k = map(int, input().split())
text = input()
pieces = {text[start:end] for start in range(n) for end in range(start + 1, n + 1)} if n < 100 else set()
print(sum(text.count(piece) >= k for piece in pieces))
