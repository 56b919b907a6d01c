"""Accept (exit 42) an input of Fewest Words that obeys the statement."""

import re
import sys


def check(data: bytes) -> str:
    """Say what is wrong with the input, or nothing."""
    match = re.fullmatch(rb'"([a-z]+)"\n\[((?:"[a-z]{1,12}", )*"[a-z]{1,12}")\]\n', data)
    if match is None:
        return "not a line with a text, then one with a list of words"
    text, words = match[1], match[2].split(b", ")
    if len(text) > 40_000 or len(words) > 6000:
        return f"{len(text)} characters, {len(words)} words"
    return "some words are equal" if len(set(words)) < len(words) else ""


if __name__ == "__main__":
    message = check(sys.stdin.buffer.read())
    if message:
        print(message, file=sys.stderr)
    sys.exit(43 if message else 42)
