"""Each pair of neighbouring words orders two letters at most; then Kahn's topological sort."""

import sys


def solve(data: bytes) -> bytes:
    """Return the output for an input."""
    first, *lines = data.split(b"\n")
    letters, words = map(int, first.split())
    followers: list[list[int]] = [[] for _ in range(letters + 1)]
    waits_for = [0] * (letters + 1)
    before = lines[0].split()[1:]
    for line in lines[1:words]:
        after = line.split()[1:]
        for a, b in zip(before, after):
            if a != b:
                followers[int(a)].append(int(b))
                waits_for[int(b)] += 1
                break
        else:
            if len(before) > len(after):
                return b"IMPOSSIBLE\n"
        before = after
    order = [letter for letter in range(1, letters + 1) if not waits_for[letter]]
    for letter in order:  # grows while it is walked
        for follower in followers[letter]:
            waits_for[follower] -= 1
            if not waits_for[follower]:
                order.append(follower)
    if len(order) < letters:
        return b"IMPOSSIBLE\n"
    return (" ".join(map(str, order)) + "\n").encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
