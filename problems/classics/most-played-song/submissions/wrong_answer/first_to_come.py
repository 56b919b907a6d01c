# Wrong: among songs with equal counts takes the one that was played first.
from collections import Counter


class Solution:
    def top_song(self, plays: list[str]) -> str:
        return Counter(plays).most_common(1)[0][0]
