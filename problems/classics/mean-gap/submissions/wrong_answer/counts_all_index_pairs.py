# Wrong: divides by n * n / 2, as if a post formed a pair with itself.
n = int(input())
posts = sorted(map(int, input().split()))
total = 0
before = 0
for rank, post in enumerate(posts):
    total += rank * post - before
    before += post
print(2 * total / (n * n))
