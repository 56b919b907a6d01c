"""Take the lakes in an order in which channels lead onward only, and pass the counts on."""

import sys

PRIME = 998_244_353


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, _, *ends = map(int, data.split())
    onward: list[list[int]] = [[] for _ in range(n + 1)]
    coming = [0] * (n + 1)
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        onward[a].append(b)
        coming[b] += 1
    order = [lake for lake in range(1, n + 1) if not coming[lake]]
    routes = [0] * (n + 1)
    for lake in order:
        routes[lake] = 1
    total = 0
    for lake in order:
        count = routes[lake] % PRIME
        if not onward[lake]:
            total += count
        for other in onward[lake]:
            routes[other] += count
            coming[other] -= 1
            if not coming[other]:
                order.append(other)
    return b"%d\n" % (total % PRIME)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
