"""Split the log into runs and take the longest, the smallest word first."""

import sys
from itertools import groupby


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    best_length, best_word = 0, b"-"
    for word, group in groupby(data.split()[1:]):
        length = len(list(group))
        if length > best_length or (length == best_length and word < best_word):
            best_length, best_word = length, word
    return b"%s %d\n" % (best_word, best_length)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
