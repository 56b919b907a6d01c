"""The cheapest sailor with at least the skills of each set; then each set is split into sets that one
sailor each answers for, the one with the lowest skill first."""

import sys

FAR = 1 << 60


def cheapest_by_set(data: bytes) -> list[int]:
    """Return the least price of a sailor with at least the skills of each set."""
    first, *lines = data.splitlines()
    k = int(first.split()[1])
    price = [FAR] * (1 << k)
    bit = {b"%d" % skill: 1 << (skill - 1) for skill in range(1, k + 1)}
    for line in lines:
        asked, _, *skills = line.split()
        mask = sum([bit[skill] for skill in skills])
        price[mask] = min(price[mask], int(asked))
    for skill in range(k):
        for mask in range(1 << k):
            if not mask >> skill & 1:
                price[mask] = min(price[mask], price[mask | 1 << skill])
    return price


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    price = cheapest_by_set(data)
    least = [0] * len(price)
    for mask in range(1, len(price)):
        lowest = mask & -mask
        rest = part = mask ^ lowest
        best = price[mask]
        while part:
            part = (part - 1) & rest
            best = min(best, price[part | lowest] + least[rest ^ part])
        least[mask] = best
    return b"%d\n" % (least[-1] if least[-1] < FAR else -1)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
