# Keeps the counts in a list and searches it for each play: quadratic when there are many songs.
class Solution:
    def top_song(self, plays: list[str]) -> str:
        songs: list[str] = []
        counts: list[int] = []
        best, most = plays[0], 0
        for song in plays:
            if song in songs:
                place = songs.index(song)
                counts[place] += 1
            else:
                place = len(songs)
                songs.append(song)
                counts.append(1)
            if counts[place] > most:
                best, most = song, counts[place]
        return best
