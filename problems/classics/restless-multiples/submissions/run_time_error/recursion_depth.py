# Crashes: goes one digit deeper with each call, deeper than Python allows for long numbers.
from functools import lru_cache

k, a, b = (int(input()) for _ in range(3))


def count(bound):
    digits = list(map(int, str(bound)))

    @lru_cache(None)
    def ways(position, rest, last, tight):
        if position == len(digits):
            return int(last >= 0 and rest == 0 and not tight)
        most = digits[position] if tight else 9
        total = ways(position + 1, 0, -1, False) if last < 0 else 0
        for digit in range(last < 0, most + 1):
            if digit != last:
                total += ways(position + 1, (10 * rest + digit) % k, digit, tight and digit == most)
        return total

    return ways(0, 0, -1, True)


print((count(b + 1) - count(a)) % 1000000007)
