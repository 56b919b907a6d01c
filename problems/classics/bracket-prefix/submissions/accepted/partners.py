# Finds the partner of each closing bracket by hopping over the pairs before it. Pairs then form a chain
# from the start of the text.
class Solution:
    def balanced_prefix(self, text: str) -> int:
        opened = [-1] * len(text)
        closed = [-1] * len(text)
        for place, bracket in enumerate(text):
            if bracket in "([{":
                continue
            before = place - 1
            while before >= 0 and opened[before] >= 0:
                before = opened[before] - 1
            if before < 0 or text[before] + bracket not in ("()", "[]", "{}"):
                break
            opened[place] = before
            closed[before] = place
        end = 0
        while end < len(text) and closed[end] >= 0:
            end = closed[end] + 1
        return end
