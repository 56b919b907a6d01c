# Wrong: a song that draws level takes the lead, so among equal counts the last one wins.
class Solution:
    def top_song(self, plays: list[str]) -> str:
        count: dict[str, int] = {}
        best, most = plays[0], 0
        for song in plays:
            count[song] = count.get(song, 0) + 1
            if count[song] >= most:
                best, most = song, count[song]
        return best
