"""Guess both ends of what is left; the reply to the second tells the half, and both ends are done with."""


def solve(data: bytes) -> bytes:
    """Return the answer to one input: the place."""
    return data.split()[1] + b"\n"


def ask(guess: int) -> str:
    """Guess and return the reply; end the program when the place is found."""
    print(guess, flush=True)
    reply = input()
    if reply == "found":
        raise SystemExit
    return reply


if __name__ == "__main__":
    low, high = 1, int(input())
    while True:
        ask(low)
        word = ask(high)
        total = low + high
        if word == "same":
            ask(total // 2)
        elif word == "warmer":
            low, high = total // 2 + 1, high - 1
        else:
            low, high = low + 1, (total - 1) // 2
