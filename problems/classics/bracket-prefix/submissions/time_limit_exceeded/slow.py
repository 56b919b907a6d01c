# Looks at each prefix from its start, longest first: quadratic.
class Solution:
    def balanced_prefix(self, text: str) -> int:
        return next(length for length in range(len(text), -1, -1) if self.balanced(text[:length]))

    def balanced(self, text: str) -> bool:
        stack = []
        for bracket in text:
            if bracket in "([{":
                stack.append(bracket)
            elif not stack or stack.pop() + bracket not in ("()", "[]", "{}"):
                return False
        return not stack
