# Tries each pair of places, however far apart they are.
class Solution:
    def fewest_words(self, text: str, words: list[str]) -> int:
        far = 1 << 60
        known = set(words)
        least = [0] + [far] * len(text)
        for end in range(1, len(text) + 1):
            for start in range(end):
                if least[start] + 1 < least[end] and text[start:end] in known:
                    least[end] = least[start] + 1
        return least[-1] if least[-1] < far else -1
