# Checks every crate against all replies so far before each weighing.
def weigh(crate, a, b, size):
    return "left" if a <= crate < a + size else "right" if b <= crate < b + size else "even"


n = int(input())
replies = []
while True:
    low = high = 0
    for crate in range(1, n + 1):
        if all(weigh(crate, *question) == reply for question, reply in replies):
            low = low or crate
            high = crate
    if low == high:
        break
    size = (high - low + 3) // 3
    question = (low, high - size + 1, size)
    print("?", *question, flush=True)
    replies.append((question, input()))
print("!", low, flush=True)
