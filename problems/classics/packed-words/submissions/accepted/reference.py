"""Go through both words at once, always as far as the shorter of the two current runs."""

import re


class Solution:
    def common_prefix(self, first: str, second: str) -> int:
        """Return the length of the longest common prefix."""
        others = iter(re.findall(r"(\d+)(\w)", second))
        length = left = 0
        other = ""
        for digits, letter in re.findall(r"(\d+)(\w)", first):
            count = int(digits)
            while count:
                if not left:
                    more, other = next(others, ("0", ""))
                    left = int(more)
                if other != letter:
                    return length
                step = min(count, left)
                length += step
                count -= step
                left -= step
        return length
