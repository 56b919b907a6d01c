# Wrong: counts the open brackets of each kind, so brackets that cross pass.
class Solution:
    def balanced_prefix(self, text: str) -> int:
        count = {"()": 0, "[]": 0, "{}": 0}
        longest = 0
        for length, bracket in enumerate(text, start=1):
            (kind,) = (kind for kind in count if bracket in kind)
            count[kind] += 1 if bracket == kind[0] else -1
            if count[kind] < 0:
                break
            if not any(count.values()):
                longest = length
        return longest
