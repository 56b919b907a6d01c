"""Make the secret inputs of Well in the Valley."""

import random
from collections.abc import Iterator


def encode(rng: random.Random, parents: list[int], well: int) -> bytes:
    """Write one input, all renumbered and shuffled. Hut i has the parent `parents[i - 1]`, hut 0 has none."""
    number = list(range(1, len(parents) + 2))
    rng.shuffle(number)
    paths = []
    for hut, parent in enumerate(parents, 1):
        ends = [number[hut], number[parent]]
        rng.shuffle(ends)
        paths.append(f"{ends[0]} {ends[1]}\n")
    rng.shuffle(paths)
    return (f"{len(number)} {number[well]}\n" + "".join(paths)).encode()


def path(n: int) -> list[int]:
    """Put all huts in a row."""
    return list(range(n - 1))


def star(n: int) -> list[int]:
    """Join all with the first."""
    return [0] * (n - 1)


def tree(rng: random.Random, n: int, reach: int) -> list[int]:
    """Join each hut with one of the `reach` before it."""
    return [i - 1 - int(rng.random() * min(i, reach)) for i in range(1, n)]


def broom(handle: int, twigs: int, twig: int) -> list[int]:
    """Hang paths of `twig` huts on the last of `handle` huts in a row."""
    parents = path(handle)
    for _ in range(twigs):
        parents += [handle - 1, *range(len(parents) + 1, len(parents) + twig)]
    return parents


def comb(n: int, tooth: int) -> list[int]:
    """Hang a path of `tooth` huts below each hut of a path."""
    return [max(i - tooth, 0) if i % tooth == 0 else i - 1 for i in range(1, n)]


def binary(n: int) -> list[int]:
    """Give each hut two children, as in a heap."""
    return [(i - 1) // 2 for i in range(1, n)]


def heavy_end(handle: int, levels: int) -> list[int]:
    """Hang a binary tree of so many levels on a row."""
    return path(handle) + [handle - 1] + [handle + parent for parent in binary(2**levels - 1)]


def thorns(n: int, most: int) -> list[int]:
    """Put n huts in a row and hang `most` huts on the first one, fewer by one on each that follows."""
    parents = path(n)
    for hut in range(most):
        parents += [hut] * (most - hut)
    return parents


def small_cases(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield the cases that a quadratic solution passes."""
    yield "01-one", encode(rng, [], 0)
    yield "02-two", encode(rng, path(2), 1)
    yield "03-row-end", encode(rng, path(3), 2)
    yield "04-row-of-seven", encode(rng, path(7), 6)
    yield "05-star-leaf", encode(rng, star(8), 3)
    yield "06-row", encode(rng, path(15), 0)
    yield "07-binary", encode(rng, binary(15), 13)
    yield "08-broom", encode(rng, broom(9, 10, 1), 12)
    yield "09-thorns", encode(rng, thorns(12, 4), 11)
    yield "10-heavy-end", encode(rng, heavy_end(14, 4), 28)
    yield "11-tree", encode(rng, tree(rng, 31, 4), 30)
    yield "12-thorns", encode(rng, thorns(24, 5), 22)
    yield "13-comb", encode(rng, comb(63, 7), 62)
    yield "14-star-leaf", encode(rng, star(64), 63)
    yield "15-tree", encode(rng, tree(rng, 80, 80), 55)
    yield "16-heavy-end", encode(rng, heavy_end(60, 6), 122)
    yield "17-thorns", encode(rng, thorns(84, 8), 50)
    yield "18-binary", encode(rng, binary(127), 100)
    yield "19-tree", encode(rng, tree(rng, 200, 3), 170)
    yield "20-comb", encode(rng, comb(255, 16), 0)
    yield "21-heavy-end", encode(rng, heavy_end(256, 7), 382)
    yield "22-broom", encode(rng, broom(200, 10, 20), 399)
    yield "23-tree", encode(rng, tree(rng, 500, 500), 499)
    yield "24-tree", encode(rng, tree(rng, 511, 12), 4)


def cases() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the input of every generated case."""
    rng = random.Random(61007)
    yield from small_cases(rng)
    yield "25-tree", encode(rng, tree(rng, 1500, 100), 1499)
    yield "26-row", encode(rng, path(16_383), 16_382)
    yield "27-binary", encode(rng, binary(16_383), 16_000)
    yield "28-comb", encode(rng, comb(20_000, 141), 19_999)
    yield "29-heavy-end", encode(rng, heavy_end(8000, 13), 16_190)
    yield "30-tree", encode(rng, tree(rng, 20_000, 3), 19_999)
    yield "31-row", encode(rng, path(20_000), 0)
    yield "32-tree", encode(rng, tree(rng, 20_000, 20_000), 12_345)
