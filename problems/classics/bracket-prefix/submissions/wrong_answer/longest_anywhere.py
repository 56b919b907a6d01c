# Wrong: finds the longest balanced part of the text, wherever it starts.
class Solution:
    def balanced_prefix(self, text: str) -> int:
        stack = [-1]
        longest = 0
        for place, bracket in enumerate(text):
            if bracket in "([{":
                stack.append(place)
            elif len(stack) > 1 and text[stack[-1]] + bracket in ("()", "[]", "{}"):
                stack.pop()
                longest = max(longest, place - stack[-1])
            else:
                stack = [place]
        return longest
