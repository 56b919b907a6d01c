"""Jump until a cell comes up again; then whole rounds of that loop are left out, and the rest is walked."""

import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    n, minutes, *numbers = map(int, data.split())
    jumps, rests = numbers[:n], numbers[n:]
    jumps_at = [-1] * n
    left_at = [0] * n
    here = made = 0
    left = minutes
    while jumps_at[here] < 0 and left >= rests[here]:
        jumps_at[here], left_at[here] = made, left
        left -= rests[here]
        made += 1
        here = (here + jumps[here]) % n
    if jumps_at[here] >= 0:
        rounds, left = divmod(left, left_at[here] - left)
        made += rounds * (made - jumps_at[here])
    while left >= rests[here]:
        left -= rests[here]
        made += 1
        here = (here + jumps[here]) % n
    return f"{here + 1} {made}\n".encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
