"""Decide whether an output of Stage Lights is right: exit 42 if so, else 43 with a message.

Usage: validate.py INPUT ANSWER FEEDBACK_DIRECTORY < OUTPUT
"""

import sys
from pathlib import Path

ACCEPTED, WRONG = 42, 43


def fulfilled(kind: bytes, a: bool, b: bool) -> bool:
    """Tell whether two lights fulfil a wish."""
    return {b"same": a == b, b"differ": a != b, b"either": a or b, b"never": not (a and b)}[kind]


def check_lights(n: int, wishes: list[bytes], tokens: list[bytes]) -> str:
    """Say what is wrong with the claimed setting, or nothing."""
    if len(tokens) != 1 or len(tokens[0]) != n or set(tokens[0]) - set(b"01"):
        return f"YES is not followed by one word of {n} characters 0 and 1"
    on = [character == ord("1") for character in tokens[0]]
    for wish in wishes:
        kind, a, b = wish.split()
        if not fulfilled(kind, on[int(a) - 1], on[int(b) - 1]):
            return f"the wish {wish.decode()!r} is not fulfilled"
    return ""


def check(n: int, wishes: list[bytes], possible: bool, tokens: list[bytes]) -> str:
    """Say what is wrong with the output, or nothing."""
    claim = tokens[0] if tokens else b""
    if claim == b"NO":
        if len(tokens) > 1:
            return "something follows NO"
        return "says NO, but there is a way" if possible else ""
    if claim != b"YES":
        return "the first word is neither YES nor NO"
    fault = check_lights(n, wishes, tokens[1:])
    if not fault and not possible:
        raise RuntimeError("the output fulfils what the answer calls impossible")
    return fault


def main() -> int:
    """Judge standard input and write the message file."""
    input_file, answer_file, feedback = map(Path, sys.argv[1:4])
    head, *wishes = input_file.read_bytes().splitlines()
    possible = answer_file.read_bytes().split()[0] == b"YES"
    fault = check(int(head.split()[0]), wishes, possible, sys.stdin.buffer.read().split())
    (feedback / "judgemessage.txt").write_text((fault or "right") + "\n")
    return WRONG if fault else ACCEPTED


if __name__ == "__main__":
    sys.exit(main())
