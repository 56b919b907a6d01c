"""From small heaps to large ones: win if a choice makes the other lose, else draw if a choice allows it."""

import sys

LOSE, DRAW, WIN = range(3)
WORDS = ("second\n", "draw\n", "first\n")


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    k, _, *numbers = map(int, data.split())
    takes, heaps = numbers[:k], numbers[k:]
    outcome = [LOSE]
    for heap in range(1, max(heaps) + 1):
        best = DRAW if heap < takes[0] else LOSE
        for take in takes:
            if take > heap:
                break
            there = outcome[heap - take]
            if there == LOSE:
                best = WIN
                break
            if there == DRAW:
                best = DRAW
        outcome.append(best)
    return "".join(WORDS[outcome[heap]] for heap in heaps).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
