# Leaves out whole turns of a ring, but makes what remains step by step: quadratic in the length of a ring.
class Solution:
    def turned(self, rows: list[list[int]], steps: int) -> list[list[int]]:
        top, left, bottom, right = 0, 0, len(rows) - 1, len(rows[0]) - 1
        while top <= bottom and left <= right:
            cells = [(top, c) for c in range(left, right + 1)]
            cells += [(r, right) for r in range(top + 1, bottom + 1)]
            if top < bottom and left < right:
                cells += [(bottom, c) for c in range(right - 1, left - 1, -1)]
                cells += [(r, left) for r in range(bottom - 1, top, -1)]
            for _ in range(steps % len(cells)):
                last = rows[cells[-1][0]][cells[-1][1]]
                for place in range(len(cells) - 1, 0, -1):
                    (r, c), (row, column) = cells[place], cells[place - 1]
                    rows[r][c] = rows[row][column]
                rows[cells[0][0]][cells[0][1]] = last
            top, left, bottom, right = top + 1, left + 1, bottom - 1, right - 1
        return rows
