"""Make the secret inputs of Ivy Game."""

import random
from collections.abc import Iterator


def encode(parents: list[int]) -> bytes:
    """Write one input; `parents[i]` is what stem i + 1 grows out of."""
    return f"{len(parents)}\n{' '.join(map(str, parents))}\n".encode()


def below(rng: random.Random, bound: int) -> int:
    """Draw an integer from 0 to `bound` - 1."""
    return int(rng.random() * bound)


def grown(rng: random.Random, n: int, reach: int) -> list[int]:
    """Let each stem grow out of one of the `reach` before it, or out of the ground."""
    return [max(0, stem - 1 - below(rng, reach)) for stem in range(1, n + 1)]


def stalks(lengths: list[int]) -> list[int]:
    """Put stalks without branches side by side."""
    parents: list[int] = []
    for length in lengths:
        parents += [0, *range(len(parents) + 1, len(parents) + length)]
    return parents


def twins(parents: list[int], extra: list[int]) -> list[int]:
    """Put two equal ivies side by side, which make a lost game, and then something more."""
    n = len(parents)
    both = parents + [parent and parent + n for parent in parents]
    return both + [parent and parent + 2 * n for parent in extra]


def mixed_up(rng: random.Random, parents: list[int]) -> list[int]:
    """Number the stems anew, at random, but each after the one that it grows out of."""
    n = len(parents)
    above: list[list[int]] = [[] for _ in range(n + 1)]
    for stem, parent in enumerate(parents, 1):
        above[parent].append(stem)
    number = [0] * (n + 1)
    ready = above[0][:]
    shuffled = []
    while ready:
        i = below(rng, len(ready))
        ready[i], ready[-1] = ready[-1], ready[i]
        stem = ready.pop()
        shuffled.append(number[parents[stem - 1]])
        number[stem] = len(shuffled)
        ready += above[stem]
    return shuffled


def trunk(rng: random.Random, n: int, length: int, twig: int) -> list[int]:
    """Let twigs of up to `twig` stems grow along a trunk of so many stems."""
    parents = list(range(length))
    while len(parents) < n:
        parents.append(1 + below(rng, length))
        for _ in range(min(below(rng, twig), n - len(parents))):
            parents.append(len(parents))
    return parents


def side_by_side(ivies: list[list[int]]) -> list[int]:
    """Put ivies side by side."""
    parents: list[int] = []
    for ivy in ivies:
        shift = len(parents)
        parents += [parent and parent + shift for parent in ivy]
    return parents


def balanced(n: int) -> list[int]:
    """Let two stems grow out of each one."""
    return [stem // 2 for stem in range(1, n + 1)]


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one", encode([0])
    yield "02-twins", encode([0, 0])
    yield "03-stalk", encode([0, 1, 2])
    yield "04-fork", encode([0, 1, 1])
    yield "05-two-stalks", encode(stalks([2, 3]))
    yield "06-bushes", encode(grown(rng, 8, 4))
    yield "07-twins", encode(twins(grown(rng, 5, 3), []))
    yield "08-three-stalks", encode(stalks([3, 5, 6]))
    yield "09-bushes", encode(grown(rng, 15, 6))
    yield "10-balanced", encode(balanced(20))
    yield "11-twins-and-more", encode(mixed_up(rng, twins(grown(rng, 9, 4), [0, 1])))
    yield "12-trunk", encode(mixed_up(rng, trunk(rng, 30, 8, 4)))
    yield "13-bushes", encode(mixed_up(rng, side_by_side([grown(rng, 8, 3) for _ in range(6)])))
    yield "14-stalks", encode(mixed_up(rng, stalks([1 + below(rng, 12) for _ in range(8)])))
    yield "15-tall", encode(grown(rng, 70, 3))
    yield "16-trunk", encode(trunk(rng, 100, 50, 5))
    yield "17-twins-and-more", encode(mixed_up(rng, twins(grown(rng, 60, 6), grown(rng, 20, 4))))
    yield "18-bushes", encode(grown(rng, 200, 200))
    yield "19-tall", encode(mixed_up(rng, side_by_side([grown(rng, 80, 2) for _ in range(3)])))
    yield "20-balanced", encode(mixed_up(rng, balanced(300)))
    yield "21-trunks", encode(mixed_up(rng, side_by_side([trunk(rng, 40, 20, 8) for _ in range(10)])))
    yield "22-tall", encode(grown(rng, 500, 2))
    yield "23-twins", encode(mixed_up(rng, twins(grown(rng, 300, 5), [])))
    yield "24-bushes", encode(grown(rng, 700, 40))


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61011)
    yield from small_cases(rng)
    yield "25-tall", encode(grown(rng, 2000, 3))
    yield "26-bushes", encode(grown(rng, 50_000, 50_000))
    yield "27-balanced", encode(balanced(65_536))
    yield "28-trunks", encode(side_by_side([trunk(rng, 20_000, 12_000, 12) for _ in range(5)]))
    yield "29-stalks", encode(stalks([40_000, 37_000, 22_998]))
    yield "30-tall", encode(mixed_up(rng, side_by_side([grown(rng, 10_000, 2) for _ in range(10)])))
    yield "31-twins-and-more", encode(mixed_up(rng, twins(grown(rng, 45_000, 4), stalks([9000, 1000]))))
    yield "32-bushes", encode(mixed_up(rng, side_by_side([trunk(rng, 400, 90, 9) for _ in range(250)])))
