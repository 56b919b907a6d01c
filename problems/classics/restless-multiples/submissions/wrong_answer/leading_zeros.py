# Wrong: fills short numbers up with zeros in front, which are equal neighbours.
k, a, b = (int(input()) for _ in range(3))


def count(bound):
    below = {}
    rest, last, restless = 0, -1, True
    for digit in map(int, str(bound)):
        longer = {}
        for (old_rest, old_last), number in below.items():
            for new in range(10):
                if new != old_last:
                    key = (10 * old_rest + new) % k, new
                    longer[key] = longer.get(key, 0) + number
        for new in range(digit):
            if restless and new != last:
                key = (10 * rest + new) % k, new
                longer[key] = longer.get(key, 0) + 1
        below = longer
        restless = restless and digit != last
        rest, last = (10 * rest + digit) % k, digit
    return sum(number for (old_rest, _), number in below.items() if old_rest == 0)


print((count(b + 1) - count(a)) % 1000000007)
