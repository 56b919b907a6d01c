# Tries each word at each place.
class Solution:
    def fewest_words(self, text: str, words: list[str]) -> int:
        far = 1 << 60
        least = [0] + [far] * len(text)
        for start in range(len(text)):
            if least[start] < far:
                for word in words:
                    if text.startswith(word, start):
                        end = start + len(word)
                        least[end] = min(least[end], least[start] + 1)
        return least[-1] if least[-1] < far else -1
