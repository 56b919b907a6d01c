"""Talk to a submission to Heavy Crate: exit 42 if it finds the crate, else 43 with a message.

Usage: validate.py INPUT ANSWER FEEDBACK_DIRECTORY; questions come in, replies go out.
"""

import re
import sys
from pathlib import Path

ACCEPTED, WRONG = 42, 43
LONGEST_LINE = 100
QUESTION = re.compile(rb"\? ([0-9]{1,10}) ([0-9]{1,10}) ([0-9]{1,10})")
ANSWER = re.compile(rb"! ([0-9]{1,10})")


def weighings(n: int) -> int:
    """Return how many weighings are allowed for n crates."""
    number = 0
    while 3**number < n:
        number += 1
    return number


def weigh(n: int, x: int, a: int, b: int, s: int) -> str:
    """Reply to a question, or return nothing when it is not allowed."""
    if s < 1 or min(a, b) < 1 or max(a, b) + s - 1 > n or abs(a - b) < s:
        return ""
    return "left" if a <= x < a + s else "right" if b <= x < b + s else "even"


def play(n: int, x: int) -> str:
    """Hold the conversation; say what was wrong, or nothing."""
    print(n, flush=True)
    left = weighings(n)
    while True:
        line = sys.stdin.buffer.readline(LONGEST_LINE).strip()
        answer = ANSWER.fullmatch(line)
        if answer:
            return conclude(int(answer[1]), x)
        question = QUESTION.fullmatch(line)
        reply = weigh(n, x, *map(int, question.groups())) if question and left else ""
        if line:
            print(reply or "stop", flush=True)
        if not reply:
            return f"no proper question, with {left} weighings left"
        left -= 1


def conclude(answer: int, x: int) -> str:
    """Say what is wrong with the answer, or nothing."""
    if answer != x:
        return f"says crate {answer}, but it is crate {x}"
    return "output goes on after the answer" if sys.stdin.buffer.read(1) else ""


if __name__ == "__main__":
    crates, heavy = map(int, Path(sys.argv[1]).read_text().split())
    message = play(crates, heavy)
    if message:
        Path(sys.argv[3], "judgemessage.txt").write_text(message + "\n")
    sys.exit(WRONG if message else ACCEPTED)
