# Wrong: halves what is left, which takes too many weighings.
low, high = 1, int(input())
while low < high:
    size = (high - low + 1) // 2
    print("?", low, low + size, size, flush=True)
    reply = input()
    if reply == "stop":
        raise SystemExit
    if reply == "left":
        high = low + size - 1
    elif reply == "right":
        low, high = low + size, low + 2 * size - 1
    else:
        low = high
print("!", low, flush=True)
