"""Talk to a submission to Well in the Valley: exit 42 if it finds the well, else 43 with a message.

Usage: validate.py INPUT ANSWER FEEDBACK_DIRECTORY; the questions come in, the replies go out.
"""

import re
import sys
from pathlib import Path

ACCEPTED, WRONG = 42, 43
LONGEST_LINE = 100


def read_question(n: int) -> int | None:
    """Return the hut asked next, or None when the next line is no question."""
    line = sys.stdin.buffer.readline(LONGEST_LINE).strip()
    if not re.fullmatch(rb"[0-9]{1,5}", line):
        return None
    hut = int(line)
    return hut if 1 <= hut <= n else None


def ways_to(well: int, n: int, ends: list[int]) -> list[int]:
    """Return for each hut the next one on the way to the well."""
    around: list[list[int]] = [[] for _ in range(n + 1)]
    for a, b in zip(ends[::2], ends[1::2], strict=True):
        around[a].append(b)
        around[b].append(a)
    following = [0] * (n + 1)
    following[well] = well
    found = [well]
    for here in found:
        for other in around[here]:
            if not following[other]:
                following[other] = here
                found.append(other)
    return following


def play(n: int, well: int, ends: list[int]) -> str:
    """Hold the conversation; say what was wrong, or nothing."""
    following = ways_to(well, n, ends)
    print("\n".join([str(n), *(f"{a} {b}" for a, b in zip(ends[::2], ends[1::2], strict=True))]), flush=True)
    for number in range(1, n.bit_length() + 1):
        hut = read_question(n)
        if hut is None:
            return f"question {number} is no number from 1 to {n}"
        if hut == well:
            print("here", flush=True)
            return "output goes on after the well was found" if sys.stdin.buffer.read(1) else ""
        print(following[hut], flush=True)
    return f"{n.bit_length()} questions are over"


if __name__ == "__main__":
    huts, hidden, *path_ends = map(int, Path(sys.argv[1]).read_text().split())
    message = play(huts, hidden, path_ends)
    if message:
        Path(sys.argv[3], "judgemessage.txt").write_text(message + "\n")
    sys.exit(WRONG if message else ACCEPTED)
