# Turns each ring step by step.
class Solution:
    def turned(self, rows: list[list[int]], steps: int) -> list[list[int]]:
        top, left, bottom, right = 0, 0, len(rows) - 1, len(rows[0]) - 1
        while top <= bottom and left <= right:
            cells = self.ring(top, left, bottom, right)
            numbers = [rows[r][c] for r, c in cells]
            for _ in range(abs(steps)):
                numbers = numbers[-1:] + numbers[:-1] if steps > 0 else numbers[1:] + numbers[:1]
            for (r, c), number in zip(cells, numbers):
                rows[r][c] = number
            top, left, bottom, right = top + 1, left + 1, bottom - 1, right - 1
        return rows

    def ring(self, top: int, left: int, bottom: int, right: int) -> list[tuple[int, int]]:
        if top == bottom:
            return [(top, c) for c in range(left, right + 1)]
        if left == right:
            return [(r, left) for r in range(top, bottom + 1)]
        cells = [(top, c) for c in range(left, right)]
        cells += [(r, right) for r in range(top, bottom)]
        cells += [(bottom, c) for c in range(right, left, -1)]
        cells += [(r, left) for r in range(bottom, top, -1)]
        return cells
