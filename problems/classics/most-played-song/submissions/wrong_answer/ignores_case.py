# Wrong: counts names that differ in the case of their letters together.
class Solution:
    def top_song(self, plays: list[str]) -> str:
        count: dict[str, int] = {}
        best, most = plays[0], 0
        for song in plays:
            key = song.lower()
            count[key] = count.get(key, 0) + 1
            if count[key] > most:
                best, most = song, count[key]
        return best
