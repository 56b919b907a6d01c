# Crashes: moves on to the next train without asking whether there is one.
n, m, x, y = map(int, input().split())
buses = list(map(int, input().split()))
trains = list(map(int, input().split()))

first = end = easy = 0
for bus in buses:
    while trains[first] < bus + x:
        first += 1
    while trains[end] <= bus + y:
        end += 1
    easy += end - first
print(easy)
