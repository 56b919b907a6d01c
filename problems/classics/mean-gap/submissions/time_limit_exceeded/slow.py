# Adds up all pairs, which is quadratic.
n = int(input())
posts = list(map(int, input().split()))
total = 0
for i in range(n):
    for j in range(i):
        total += abs(posts[i] - posts[j])
pairs = n * (n - 1) // 2
print(total / pairs if pairs else 0.0)
