# Crashes: knows no `same` as the reply to a second guess.
def ask(guess):
    print(guess, flush=True)
    reply = input()
    if reply == "found":
        raise SystemExit
    return reply


low, high = 1, int(input())
while True:
    ask(low)
    low, high = {
        "warmer": ((low + high) // 2 + 1, high - 1),
        "colder": (low + 1, (low + high - 1) // 2),
    }[ask(high)]
