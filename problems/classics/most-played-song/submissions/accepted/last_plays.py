# Remembers where each song was played last; the song with the largest count and then the earliest last
# play wins. No sorting by name is involved.
from collections import Counter


class Solution:
    def top_song(self, plays: list[str]) -> str:
        last = {song: place for place, song in enumerate(plays)}
        counts = Counter(plays)
        return min(counts, key=lambda song: (-counts[song], last[song]))
