# Checks every place against all replies so far before each pair of guesses.
def compare(before, now):
    return "same" if before == now else "warmer" if now < before else "colder"


def ask(guess):
    print(guess, flush=True)
    reply = input()
    if reply == "found":
        raise SystemExit
    return reply


n = int(input())
replies = []
while True:
    low = high = 0
    for place in range(1, n + 1):
        for first, second, word in replies:
            if place in (first, second) or compare(abs(first - place), abs(second - place)) != word:
                break
        else:
            low = low or place
            high = place
    ask(low)
    replies.append((low, high, ask(high)))
