# Wrong: stops at the first balanced prefix, though a longer one may follow.
class Solution:
    def balanced_prefix(self, text: str) -> int:
        stack = []
        for length, bracket in enumerate(text, start=1):
            if bracket in "([{":
                stack.append(bracket)
            elif not stack or stack.pop() + bracket not in ("()", "[]", "{}"):
                return 0
            elif not stack:
                return length
        return 0
