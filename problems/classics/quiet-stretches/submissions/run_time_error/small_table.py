# Crashes: it counts in a table, and large patterns have no place in it.
import sys
from itertools import accumulate
from operator import xor


def solve(data: bytes) -> bytes:
    """Return the answer to one input."""
    _, k, *patterns = map(int, data.split())
    prefixes = list(accumulate(patterns, xor, initial=0))
    quiet = 0
    for bit in range(k.bit_length()):
        if not k >> bit & 1:
            continue
        count = [0] * (1 << 16)
        for prefix in prefixes:
            count[prefix >> bit] += 1
        wanted = k >> bit ^ 1
        if wanted:
            pairs = sum([times * count[leading ^ wanted] for leading, times in enumerate(count) if times])
        else:
            pairs = sum([times * (times - 1) for times in count])
        quiet += pairs // 2
    return b"%d\n" % quiet


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
