# Crashes: has a table for the first letters of the names, but none for digits.
class Solution:
    def top_song(self, plays: list[str]) -> str:
        tables: dict[str, dict[str, int]] = {
            letter: {} for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        }
        best, most = plays[0], 0
        for song in plays:
            table = tables[song[0]]
            table[song] = table.get(song, 0) + 1
            if table[song] > most:
                best, most = song, table[song]
        return best
