# Wrong: always takes the longest word that fits.
class Solution:
    def fewest_words(self, text: str, words: list[str]) -> int:
        known = set(words)
        start = pieces = 0
        while start < len(text):
            lengths = [size for size in range(1, 13) if text[start : start + size] in known]
            if not lengths:
                return -1
            start = min(start + max(lengths), len(text))
            pieces += 1
        return pieces
