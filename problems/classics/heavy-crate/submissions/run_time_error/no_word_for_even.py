# Crashes: splits into halves and a single crate, and knows no `even` as a reply.
low, high = 1, int(input())
while low < high:
    size = (high - low + 1) // 2
    print("?", low, low + size, size, flush=True)
    low, high = {"left": (low, low + size - 1), "right": (low + size, low + 2 * size - 1)}[input()]
print("!", low, flush=True)
