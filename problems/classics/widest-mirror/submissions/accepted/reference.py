"""Manacher's radii; then the mirrors, the longest first, give their length to the letters that have none yet.
Disjoint sets tell which letter is the next one without."""

import sys


def radii(text: bytes) -> list[int]:
    """Return how far the longest odd mirror around each place reaches to one side, the place included.

    The text begins and ends with letters of their own, so that no mirror reaches beyond it.
    """
    radius = [1] * len(text)
    middle = end = 1
    for i in range(1, len(text) - 1):
        reach = min(radius[2 * middle - i], end - i) if i < end else 1
        while text[i + reach] == text[i - reach]:
            reach += 1
        radius[i] = reach
        if i + reach > end:
            middle, end = i, i + reach
    return radius


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    word = data.strip()
    n = len(word)
    text = b"<|" + b"|".join(word[i : i + 1] for i in range(n)) + b"|>"
    radius = radii(text)
    # Around place i the longest mirror of the word has radius[i] - 1 letters.
    longest_first = sorted(range(2, len(text) - 2), key=radius.__getitem__, reverse=True)
    answer = [0] * n
    following = list(range(n + 1))
    for i in longest_first:
        length = radius[i] - 1
        first = (i - length - 1) // 2
        here = first
        while following[here] != here:
            following[here] = here = following[following[here]]
        while here < first + length:
            answer[here] = length
            following[here] = here + 1
            here += 1
            while following[here] != here:
                following[here] = here = following[following[here]]
    return (" ".join(map(str, answer)) + "\n").encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
