"""A stack of the closing brackets that are due; the prefix is balanced wherever the stack is empty."""

CLOSING = {"(": ")", "[": "]", "{": "}"}


class Solution:
    def balanced_prefix(self, text: str) -> int:
        """Return the length of the longest balanced prefix."""
        due = []
        longest = 0
        for length, bracket in enumerate(text, start=1):
            if bracket in CLOSING:
                due.append(CLOSING[bracket])
            elif due and due.pop() == bracket:
                if not due:
                    longest = length
            else:
                break
        return longest
