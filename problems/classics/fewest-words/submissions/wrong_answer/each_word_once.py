# Wrong: uses each word once only.
class Solution:
    def fewest_words(self, text: str, words: list[str]) -> int:
        far = 1 << 60
        least = [0] + [far] * len(text)
        for word in words:
            before = least[:]
            end = text.find(word)
            while end >= 0:
                place = end + len(word)
                least[place] = min(least[place], before[end] + 1)
                end = text.find(word, end + 1)
        return least[-1] if least[-1] < far else -1
