# Crashes: reads on in the second word when it is over.
import re


class Solution:
    def common_prefix(self, first: str, second: str) -> int:
        runs = [[int(count), letter] for count, letter in re.findall(r"(\d+)(\w)", second)]
        length = place = 0
        for digits, letter in re.findall(r"(\d+)(\w)", first):
            count = int(digits)
            while count:
                if runs[place][1] != letter:
                    return length
                step = min(count, runs[place][0])
                length += step
                count -= step
                runs[place][0] -= step
                place += not runs[place][0]
        return length
