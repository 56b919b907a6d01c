"""Decide whether an output of Balanced Split is right: exit 42 if so, else 43 with a message.

Usage: validate.py INPUT ANSWER FEEDBACK_DIRECTORY < OUTPUT
"""

import sys
from pathlib import Path

ACCEPTED, WRONG = 42, 43
LONGEST_NUMBER = 6


def read_number(token: bytes, most: int) -> int | None:
    """Return the number from 0 to `most` that a token stands for, or None."""
    if len(token) > LONGEST_NUMBER or not token.isdigit():
        return None
    number = int(token)
    return number if number <= most else None


def check_split(weights: list[int], tokens: list[bytes]) -> str:
    """Say what is wrong with the claimed left pan, or nothing."""
    n = len(weights)
    size = read_number(tokens[0], n) if tokens else None
    if size is None:
        return f"after YES: no number of weights from 0 to {n}"
    if len(tokens) - 1 != size:
        return f"{size} weights announced, {len(tokens) - 1} given"
    on_the_left = [False] * n
    for position, token in enumerate(tokens[1:], 1):
        index = read_number(token, n)
        if not index:
            return f"weight {position} of the left pan: no number from 1 to {n}"
        if on_the_left[index - 1]:
            return f"weight {index} is given twice"
        on_the_left[index - 1] = True
    left = sum(weight for weight, chosen in zip(weights, on_the_left, strict=True) if chosen)
    right = sum(weights) - left
    return "" if left == right else f"the pans carry {left} and {right}"


def check(weights: list[int], possible: bool, tokens: list[bytes]) -> str:
    """Say what is wrong with the output, or nothing."""
    claim = tokens[0] if tokens else b""
    if claim == b"NO":
        if len(tokens) > 1:
            return "something follows NO"
        return "says NO, but there is a way" if possible else ""
    if claim != b"YES":
        return "the first word is neither YES nor NO"
    fault = check_split(weights, tokens[1:])
    if not fault and not possible:
        raise RuntimeError("the output balances what the answer calls impossible")
    return fault


def main() -> int:
    """Judge standard input and write the message file."""
    input_file, answer_file, feedback = map(Path, sys.argv[1:4])
    weights = [int(token) for token in input_file.read_bytes().split()[1:]]
    possible = answer_file.read_bytes().split()[0] == b"YES"
    fault = check(weights, possible, sys.stdin.buffer.read().split())
    (feedback / "judgemessage.txt").write_text((fault or "right") + "\n")
    return WRONG if fault else ACCEPTED


if __name__ == "__main__":
    sys.exit(main())
