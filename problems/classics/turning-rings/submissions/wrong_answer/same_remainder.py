# Wrong: takes the steps modulo the length of the outermost ring for all rings.
class Solution:
    def turned(self, rows: list[list[int]], steps: int) -> list[list[int]]:
        top, left, bottom, right = 0, 0, len(rows) - 1, len(rows[0]) - 1
        steps %= max(1, 2 * (bottom + right)) if bottom and right else bottom + right + 1
        while top <= bottom and left <= right:
            cells = [(top, c) for c in range(left, right + 1)]
            cells += [(r, right) for r in range(top + 1, bottom + 1)]
            if top < bottom and left < right:
                cells += [(bottom, c) for c in range(right - 1, left - 1, -1)]
                cells += [(r, left) for r in range(bottom - 1, top, -1)]
            numbers = [rows[r][c] for r, c in cells]
            shift = -steps % len(cells)
            for (r, c), number in zip(cells, numbers[shift:] + numbers[:shift]):
                rows[r][c] = number
            top, left, bottom, right = top + 1, left + 1, bottom - 1, right - 1
        return rows
