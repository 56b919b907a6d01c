"""Lists the cells of each ring from its top left corner on; numbers are read in that order and written to the
cells that come some places later."""


class Solution:
    def turned(self, rows: list[list[int]], steps: int) -> list[list[int]]:
        """Return the matrix after turning."""
        result = [row[:] for row in rows]
        top, left, bottom, right = 0, 0, len(rows) - 1, len(rows[0]) - 1
        while top <= bottom and left <= right:
            cells = self.ring(top, left, bottom, right)
            shift = steps % len(cells)
            for (r, c), (row, column) in zip(cells, cells[shift:] + cells[:shift], strict=True):
                result[row][column] = rows[r][c]
            top, left, bottom, right = top + 1, left + 1, bottom - 1, right - 1
        return result

    def ring(self, top: int, left: int, bottom: int, right: int) -> list[tuple[int, int]]:
        """Return the cells along the edge of a rectangle, clockwise."""
        if top == bottom:
            return [(top, c) for c in range(left, right + 1)]
        if left == right:
            return [(r, left) for r in range(top, bottom + 1)]
        cells = [(top, c) for c in range(left, right)]
        cells += [(r, right) for r in range(top, bottom)]
        cells += [(bottom, c) for c in range(right, left, -1)]
        cells += [(r, left) for r in range(bottom, top, -1)]
        return cells
