# Wrong: the fewest additions and doublings on the way up, as if the display were not worn.
m, a, b, k = map(int, input().split())

presses = 0
while a > b:
    a //= 10
    presses += 1
while b > a:
    if b % 2 == 0 and b // 2 >= a:
        b //= 2
    else:
        b -= 1
    presses += 1
print(presses)
