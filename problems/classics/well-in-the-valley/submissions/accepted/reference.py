"""Ask in the middle of what is left: in the hut without which no part has more than half of the huts."""


def solve(data: bytes) -> bytes:
    """Return the answer to one input: the hut of the well."""
    return data.split()[1] + b"\n"


def find_middle(start: int, around: list[list[int]], out: list[bool]) -> int:
    """Return the middle of the huts that can be reached from one without those that are out."""
    order, above = [start], {start: 0}
    for here in order:
        for other in around[here]:
            if other != above[here] and not out[other]:
                above[other] = here
                order.append(other)
    size = dict.fromkeys(order, 1)
    for here in reversed(order):
        # The first one, from the leaves up, with half of the huts below it.
        if 2 * size[here] >= len(order):
            return here
        size[above[here]] += size[here]
    return start


if __name__ == "__main__":
    n = int(input())
    paths: list[list[int]] = [[] for _ in range(n + 1)]
    for _ in range(n - 1):
        a, b = map(int, input().split())
        paths[a].append(b)
        paths[b].append(a)
    done = [False] * (n + 1)
    hut = 1
    while True:
        hut = find_middle(hut, paths, done)
        print(hut, flush=True)
        reply = input()
        if reply == "here":
            break
        done[hut] = True
        hut = int(reply)
