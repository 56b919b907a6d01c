# Goes over all sets of skills for each sailor: O(n * 2^k).
import sys


def main():
    first, *lines = sys.stdin.read().splitlines()
    k = int(first.split()[1])
    far = 1 << 60
    least = [far] * (1 << k)
    least[0] = 0
    for line in lines:
        price, _, *skills = map(int, line.split())
        sailor = sum(1 << (skill - 1) for skill in skills)
        for mask in range(1 << k):
            if least[mask] + price < least[mask | sailor]:
                least[mask | sailor] = least[mask] + price
    print(least[-1] if least[-1] < far else -1)


main()
