# O(n m): tries every bus with every train.
n, m, x, y = map(int, input().split())
buses = list(map(int, input().split()))
trains = list(map(int, input().split()))

easy = 0
for bus in buses:
    for train in trains:
        if x <= train - bus <= y:
            easy += 1
print(easy)
