# Wrong: keeps the first number of pieces that it finds for a prefix, which is not always the least.
class Solution:
    def fewest_words(self, text: str, words: list[str]) -> int:
        known = set(words)
        pieces = [0] + [-1] * len(text)
        for end in range(1, len(text) + 1):
            for start in range(end - 1, max(end - 13, -1), -1):
                if pieces[start] >= 0 and text[start:end] in known:
                    pieces[end] = pieces[start] + 1
                    break
        return pieces[-1]
