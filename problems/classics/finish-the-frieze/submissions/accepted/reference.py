"""Every border leaves a period, and each period asks for whole repetitions, two of them at least."""

import sys


def borders(text: bytes) -> list[int]:
    """Return the length of the longest border of each prefix."""
    longest = [0] * len(text)
    length = 0
    for place in range(1, len(text)):
        letter = text[place]
        while length and text[length] != letter:
            length = longest[length - 1]
        if text[length] == letter:
            length += 1
        longest[place] = length
    return longest


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    text = data.split()[0]
    count = len(text)
    longest = borders(text)
    least = border = count
    while border:
        border = longest[border - 1]
        period = count - border
        least = min(least, max(2, -(-count // period)) * period - count)
    return b"%d\n" % least


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
