# Crashes: takes a bracket from the stack without looking whether there is one.
class Solution:
    def balanced_prefix(self, text: str) -> int:
        stack = []
        longest = 0
        for length, bracket in enumerate(text, start=1):
            if bracket in "([{":
                stack.append(bracket)
            elif stack.pop() + bracket not in ("()", "[]", "{}"):
                break
            elif not stack:
                longest = length
        return longest
