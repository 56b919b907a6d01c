# Wrong: tries the places one after the other, which takes too many guesses.
n = int(input())
for guess in range(1, n + 1):
    print(guess, flush=True)
    if input() == "found":
        break
