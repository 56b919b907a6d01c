# Makes a new list of what is left of a word after each run: quadratic.
import re


class Solution:
    def common_prefix(self, first: str, second: str) -> int:
        ours, theirs = (
            [(int(count), letter) for count, letter in re.findall(r"(\d+)(\w)", word)]
            for word in (first, second)
        )
        length = 0
        while ours and theirs:
            (count, letter), (more, other) = ours[0], theirs[0]
            if letter != other:
                break
            step = min(count, more)
            length += step
            ours = self.rest(count - step, letter) + ours[1:]
            theirs = self.rest(more - step, letter) + theirs[1:]
        return length

    def rest(self, count: int, letter: str) -> list[tuple[int, str]]:
        return [(count, letter)] if count else []
