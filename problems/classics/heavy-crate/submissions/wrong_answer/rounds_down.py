# Wrong: rounds the thirds down, so too much may be left when the scales are even.
low, high = 1, int(input())
while low < high:
    size = max(1, (high - low + 1) // 3)
    print("?", low, low + size, size, flush=True)
    reply = input()
    if reply == "stop":
        raise SystemExit
    if reply == "left":
        high = low + size - 1
    elif reply == "right":
        low, high = low + size, low + 2 * size - 1
    else:
        low += 2 * size
print("!", low, flush=True)
