"""A suffix automaton: each state stands for pieces that end at the same places, and for as many of them as
its longest is longer than that of the state its suffix link leads to."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    _, k, text = data.split()
    size, link = [0], [-1]
    after: list[dict[int, int]] = [{}]
    ends = [0]
    last = 0
    for letter in text:
        state = len(size)
        size.append(size[last] + 1)
        link.append(0)
        after.append({})
        ends.append(1)
        while last >= 0 and letter not in after[last]:
            after[last][letter] = state
            last = link[last]
        if last >= 0:
            other = after[last][letter]
            if size[other] != size[last] + 1:
                copy = len(size)
                size.append(size[last] + 1)
                link.append(link[other])
                after.append(after[other].copy())
                ends.append(0)
                link[other] = copy
                while last >= 0 and after[last].get(letter) == other:
                    after[last][letter] = copy
                    last = link[last]
                other = copy
            link[state] = other
        last = state
    pieces, least = 0, int(k)
    for state in sorted(range(1, len(size)), key=size.__getitem__, reverse=True):
        if ends[state] >= least:
            pieces += size[state] - size[link[state]]
        ends[link[state]] += ends[state]
    return b"%d\n" % pieces


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
