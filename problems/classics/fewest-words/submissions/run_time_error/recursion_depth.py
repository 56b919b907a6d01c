# Crashes: goes one call deeper with each piece, which Python does not allow for a long text.
from functools import cache


class Solution:
    def fewest_words(self, text: str, words: list[str]) -> int:
        known = set(words)

        @cache
        def least(start: int) -> int:
            if start == len(text):
                return 0
            ends = range(start + 1, min(start + 12, len(text)) + 1)
            return min((1 + least(end) for end in ends if text[start:end] in known), default=1 << 60)

        pieces = least(0)
        return pieces if pieces < 1 << 60 else -1
