"""By due hour, take every order; whenever the last one is late, the longest one taken so far goes."""

import heapq
import sys


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    numbers = list(map(int, data.split()))
    times, dues = numbers[1::2], numbers[2::2]
    taken: list[int] = []
    hours = 0
    for i in sorted(range(len(times)), key=dues.__getitem__):
        time = times[i]
        hours += time
        if hours <= dues[i]:
            heapq.heappush(taken, -time)
        else:
            hours += heapq.heappushpop(taken, -time)
    return b"%d %d\n" % (len(taken), hours)


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
