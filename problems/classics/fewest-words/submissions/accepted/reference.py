"""The least number of pieces of each prefix, from those of the prefixes that lack its last word."""

FAR = 1 << 60


class Solution:
    def fewest_words(self, text: str, words: list[str]) -> int:
        """Return the least number of pieces, or -1."""
        known = set(words)
        lengths = sorted({len(word) for word in words})
        least = [0] + [FAR] * len(text)
        for start in range(len(text)):
            if least[start] == FAR:
                continue
            after = least[start] + 1
            for length in lengths:
                if start + length > len(text):
                    break
                if least[start + length] > after and text[start : start + length] in known:
                    least[start + length] = after
        return least[-1] if least[-1] < FAR else -1
