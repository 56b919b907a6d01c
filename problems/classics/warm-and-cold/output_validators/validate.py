"""Talk to a submission to Warm and Cold: exit 42 if it finds the place, else 43 with a message.

Usage: validate.py INPUT ANSWER FEEDBACK_DIRECTORY; the guesses come in, the replies go out.
"""

import re
import sys
from pathlib import Path

ACCEPTED, WRONG = 42, 43
MOST_GUESSES = 70
LONGEST_LINE = 100


def read_guess(n: int) -> int | None:
    """Return the next guess, or None when the next line is no guess."""
    line = sys.stdin.buffer.readline(LONGEST_LINE).strip()
    if not re.fullmatch(rb"[0-9]{1,10}", line):
        return None
    guess = int(line)
    return guess if 1 <= guess <= n else None


def reply(distance: int, before: int | None) -> str:
    """Compare two distances."""
    if distance == 0:
        return "found"
    if before is None or distance == before:
        return "same"
    return "warmer" if distance < before else "colder"


def play(n: int, x: int) -> str:
    """Hold the conversation; say what was wrong, or nothing."""
    print(n, flush=True)
    before = None
    for number in range(1, MOST_GUESSES + 1):
        guess = read_guess(n)
        if guess is None:
            return f"guess {number} is no number from 1 to {n}"
        print(reply(abs(guess - x), before), flush=True)
        if guess == x:
            return "output goes on after the place was found" if sys.stdin.buffer.read(1) else ""
        before = abs(guess - x)
    return f"{MOST_GUESSES} guesses are over"


if __name__ == "__main__":
    places, hidden = map(int, Path(sys.argv[1]).read_text().split())
    message = play(places, hidden)
    if message:
        Path(sys.argv[3], "judgemessage.txt").write_text(message + "\n")
    sys.exit(WRONG if message else ACCEPTED)
