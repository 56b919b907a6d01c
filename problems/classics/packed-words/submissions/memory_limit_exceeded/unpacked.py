# Writes both words out, and they may have 10**14 letters.
import re


class Solution:
    def common_prefix(self, first: str, second: str) -> int:
        words = [
            "".join(letter * int(count) for count, letter in re.findall(r"(\d+)(\w)", word))
            for word in (first, second)
        ]
        shorter = min(map(len, words))
        for place in range(shorter):
            if words[0][place] != words[1][place]:
                return place
        return shorter
