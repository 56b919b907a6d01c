# Wrong: among songs with equal counts takes the first one by name.
class Solution:
    def top_song(self, plays: list[str]) -> str:
        counts: dict[str, int] = {}
        for song in plays:
            counts[song] = counts.get(song, 0) + 1
        return min(counts, key=lambda song: (-counts[song], song))
