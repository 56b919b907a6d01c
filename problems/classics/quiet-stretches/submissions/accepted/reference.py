"""A stretch's pattern is the exclusive or of two prefixes. For each binary digit 1 of k, count the pairs
whose pattern agrees with k before that digit and has 0 there: their leading digits differ as is known."""

import sys
from collections import Counter
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
        count = Counter([prefix >> bit for prefix in prefixes])
        wanted = k >> bit ^ 1
        if wanted:
            get = count.get
            pairs = sum([times * get(leading ^ wanted, 0) for leading, times in count.items()])
        else:
            pairs = sum([times * (times - 1) for times in count.values()])
        quiet += pairs // 2
    return b"%d\n" % quiet


if __name__ == "__main__":
    sys.stdout.buffer.write(solve(sys.stdin.buffer.read()))
