# Wrong: takes `warmer` for "x is higher than the guess" whatever the guess before was.
low, high = 1, int(input())
while low <= high:
    middle = (low + high) // 2
    print(middle, flush=True)
    reply = input()
    if reply == "found":
        break
    if reply == "warmer":
        low = middle + 1
    else:
        high = middle - 1
