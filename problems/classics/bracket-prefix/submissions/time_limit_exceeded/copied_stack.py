# Makes a new stack for each bracket: quadratic in the depth.
class Solution:
    def balanced_prefix(self, text: str) -> int:
        stack: tuple[str, ...] = ()
        longest = 0
        for length, bracket in enumerate(text, start=1):
            if bracket in "([{":
                stack = (*stack, bracket)
            elif stack and stack[-1] + bracket in ("()", "[]", "{}"):
                stack = stack[:-1]
                longest = longest if stack else length
            else:
                break
        return longest
