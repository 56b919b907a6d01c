# Merges neighbouring runs of the same letter. Then runs can be compared one by one: after the first pair
# that differs nothing is in common.
class Solution:
    def common_prefix(self, first: str, second: str) -> int:
        length = 0
        for (letter, count), (other, more) in zip(self.merged(first), self.merged(second)):
            if letter == other:
                length += min(count, more)
            if letter != other or count != more:
                break
        return length

    def merged(self, word: str) -> list[list]:
        runs: list[list] = []
        digits = ""
        for character in word:
            if character.isdigit():
                digits += character
                continue
            if runs and runs[-1][0] == character:
                runs[-1][1] += int(digits)
            else:
                runs.append([character, int(digits)])
            digits = ""
        return runs
