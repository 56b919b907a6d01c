# Wrong: changes of exactly x or exactly y minutes are left out.
from bisect import bisect_left, bisect_right

n, m, x, y = map(int, input().split())
buses = list(map(int, input().split()))
trains = list(map(int, input().split()))

easy = 0
for bus in buses:
    easy += max(0, bisect_left(trains, bus + y) - bisect_right(trains, bus + x))
print(easy)
