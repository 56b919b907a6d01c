# Wrong: goes on to the next run of both words, whatever is left of the longer run.
import re


class Solution:
    def common_prefix(self, first: str, second: str) -> int:
        length = 0
        pairs = zip(re.findall(r"(\d+)(\w)", first), re.findall(r"(\d+)(\w)", second))
        for (count, letter), (more, other) in pairs:
            if letter != other:
                break
            length += min(int(count), int(more))
        return length
