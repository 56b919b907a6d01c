"""Check an input of Lexicographic Order on standard input: exit 42 when it is valid, else 43."""

from __future__ import annotations

import re
import sys

MAX_LETTERS = 100_000
MAX_WORDS = 100_000
MAX_TOTAL = 300_000


def fault(data: bytes) -> str | None:
    """Return what is wrong with an input, or None."""
    positive = rb"[1-9][0-9]{0,6}"
    word = positive + rb"(?: " + positive + rb")+\n"
    if re.fullmatch(positive + rb" " + positive + rb"\n(?:" + word + rb")+", data) is None:
        return "want a line with n and w, then a line for each word, integers separated by single spaces"
    first, *lines = data.splitlines()
    letters, words = map(int, first.split())
    if letters > MAX_LETTERS or words > MAX_WORDS:
        return f"n must be at most {MAX_LETTERS} and w at most {MAX_WORDS}, got {letters} and {words}"
    if len(lines) != words:
        return f"w is {words}, but there are {len(lines)} words"
    total = 0
    for number, line in enumerate(lines, 1):
        length, *word = map(int, line.split())
        if length != len(word):
            return f"word {number}: the length is given as {length}, but there are {len(word)} letters"
        if max(word) > letters:
            return f"word {number}: letters must be at most {letters}, got {max(word)}"
        total += length
    return f"the lengths must add up to at most {MAX_TOTAL}, got {total}" if total > MAX_TOTAL else None


if __name__ == "__main__":
    message = fault(sys.stdin.buffer.read())
    if message is not None:
        sys.stderr.write(message + "\n")
    sys.exit(42 if message is None else 43)
