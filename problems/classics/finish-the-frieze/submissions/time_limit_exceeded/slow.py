# Compares the frieze with itself anew for each length of the pattern.
import sys


def main():
    text = sys.stdin.read().strip()
    least = n = len(text)
    for period in range(1, n):
        if text[period:] == text[: n - period]:
            least = min(least, max(2, -(-n // period)) * period - n)
    print(least)


main()
