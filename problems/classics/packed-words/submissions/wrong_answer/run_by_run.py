# Wrong: compares the runs as they are packed, so runs that are split in other ways end the prefix.
import re


class Solution:
    def common_prefix(self, first: str, second: str) -> int:
        length = 0
        pairs = zip(re.findall(r"(\d+)(\w)", first), re.findall(r"(\d+)(\w)", second))
        for (count, letter), (more, other) in pairs:
            if letter != other:
                break
            length += min(int(count), int(more))
            if count != more:
                break
        return length
