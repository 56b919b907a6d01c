# Wrong: divides with //, so the fraction is lost.
n = int(input())
posts = sorted(map(int, input().split()))
total = 0
before = 0
for rank, post in enumerate(posts):
    total += rank * post - before
    before += post
print(total // max(1, n * (n - 1) // 2))
