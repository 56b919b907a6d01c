# Compares letter by letter, and there may be 10**14 of them.
class Solution:
    def common_prefix(self, first: str, second: str) -> int:
        length = 0
        for letter, other in zip(self.letters(first), self.letters(second)):
            if letter != other:
                break
            length += 1
        return length

    def letters(self, word: str):
        count = 0
        for character in word:
            if character.isdigit():
                count = 10 * count + int(character)
                continue
            while count:
                yield character
                count -= 1
