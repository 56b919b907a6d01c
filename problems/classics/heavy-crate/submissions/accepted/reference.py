"""Compare the first with the last third of what is left; neither the thirds nor the rest are ever larger
than a third, rounded up."""


def solve(data: bytes) -> bytes:
    """Return the answer to one input: the crate."""
    return data.split()[1] + b"\n"


if __name__ == "__main__":
    low, high = 1, int(input())
    while low < high:
        size = (high - low + 3) // 3
        print("?", low, high - size + 1, size, flush=True)
        reply = input()
        if reply == "left":
            high = low + size - 1
        elif reply == "right":
            low = high - size + 1
        else:
            low, high = low + size, high - size
    print("!", low, flush=True)
