"""Count while going through the list: a song leads from the play on that beats all counts before it."""


class Solution:
    def top_song(self, plays: list[str]) -> str:
        """Return the song of the day."""
        count: dict[str, int] = {}
        best, most = plays[0], 0
        for song in plays:
            count[song] = now = count.get(song, 0) + 1
            if now > most:
                best, most = song, now
        return best
