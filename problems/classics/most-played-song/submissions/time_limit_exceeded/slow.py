# Goes through the whole list to count each song: quadratic when there are many songs.
class Solution:
    def top_song(self, plays: list[str]) -> str:
        counts = {song: plays.count(song) for song in plays}
        most = max(counts.values())
        leaders = {song for song in counts if counts[song] == most}
        seen = dict.fromkeys(leaders, 0)
        for song in plays:
            if song in leaders:
                seen[song] += 1
                if seen[song] == most:
                    return song
        raise AssertionError
