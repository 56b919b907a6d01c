"""Decide whether an output of Round Table is right: exit 42 if so, else 43 with a message.

Usage: validate.py INPUT ANSWER FEEDBACK_DIRECTORY < OUTPUT
"""

import sys
from pathlib import Path

ACCEPTED, WRONG = 42, 43
LONGEST_NUMBER = 6


def check_order(countries: list[int], tokens: list[bytes]) -> str:
    """Say what is wrong with the claimed order, or nothing."""
    n = len(countries)
    if len(tokens) != n:
        return f"{n} guests are to sit down, {len(tokens)} do"
    seated = [False] * n
    order = []
    for chair, token in enumerate(tokens, 1):
        guest = int(token) if len(token) <= LONGEST_NUMBER and token.isdigit() else 0
        if not 1 <= guest <= n:
            return f"chair {chair}: no number from 1 to {n}"
        if seated[guest - 1]:
            return f"guest {guest} sits twice"
        seated[guest - 1] = True
        order.append(guest)
    for chair in range(n):
        if countries[order[chair - 1] - 1] == countries[order[chair] - 1]:
            return f"guests {order[chair - 1]} and {order[chair]} come from the same country"
    return ""


def check(countries: list[int], possible: bool, tokens: list[bytes]) -> str:
    """Say what is wrong with the output, or nothing."""
    claim = tokens[0] if tokens else b""
    if claim == b"NO":
        if len(tokens) > 1:
            return "something follows NO"
        return "says NO, but there is a way" if possible else ""
    if claim != b"YES":
        return "the first word is neither YES nor NO"
    fault = check_order(countries, tokens[1:])
    if not fault and not possible:
        raise RuntimeError("the output seats those that the answer calls impossible to seat")
    return fault


def main() -> int:
    """Judge standard input and write the message file."""
    input_file, answer_file, feedback = map(Path, sys.argv[1:4])
    countries = [int(token) for token in input_file.read_bytes().split()[1:]]
    possible = answer_file.read_bytes().split()[0] == b"YES"
    fault = check(countries, possible, sys.stdin.buffer.read().split())
    (feedback / "judgemessage.txt").write_text((fault or "right") + "\n")
    return WRONG if fault else ACCEPTED


if __name__ == "__main__":
    sys.exit(main())
