# Wrong: takes the last digit of a count for all of it.
class Solution:
    def common_prefix(self, first: str, second: str) -> int:
        runs = [
            [(int(word[place - 1]), word[place]) for place in range(len(word)) if word[place].isalpha()]
            for word in (first, second)
        ]
        length = i = j = used = other = 0
        while i < len(runs[0]) and j < len(runs[1]) and runs[0][i][1] == runs[1][j][1]:
            step = min(runs[0][i][0] - used, runs[1][j][0] - other)
            length, used, other = length + step, used + step, other + step
            if used == runs[0][i][0]:
                i, used = i + 1, 0
            if other == runs[1][j][0]:
                j, other = j + 1, 0
        return length
