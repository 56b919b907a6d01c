# Keeps for every two letters whether one comes before the other, in one table with n * n entries.
import sys


def main():
    lines = sys.stdin.read().splitlines()
    n, w = map(int, lines[0].split())
    words = [[int(letter) - 1 for letter in line.split()[1:]] for line in lines[1:]]
    comes_before = [False] * (n * n)
    possible = True
    for before, after in zip(words, words[1:]):
        for a, b in zip(before, after):
            if a != b:
                comes_before[a * n + b] = True
                break
        else:
            possible = possible and len(before) <= len(after)
    waits_for = [sum(comes_before[letter::n]) for letter in range(n)]
    order = [letter for letter in range(n) if not waits_for[letter]]
    for letter in order:
        for other in range(n):
            if comes_before[letter * n + other]:
                waits_for[other] -= 1
                if not waits_for[other]:
                    order.append(other)
    if possible and len(order) == n:
        print(*[letter + 1 for letter in order])
    else:
        print("IMPOSSIBLE")


main()
