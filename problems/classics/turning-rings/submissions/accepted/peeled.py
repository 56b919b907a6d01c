# Peels the rings off as lists, the outermost first, and then builds the matrix anew from the inside, a ring
# around what is there.
class Solution:
    def turned(self, rows: list[list[int]], steps: int) -> list[list[int]]:
        sizes = []
        rings = []
        h, w = len(rows), len(rows[0])
        while h > 0 and w > 0:
            inner = rows[1:-1]
            if w == 1:
                ring = [row[0] for row in rows]
            else:
                ring = rows[0] + [row[-1] for row in inner]
                if h > 1:
                    ring += rows[-1][::-1] + [row[0] for row in inner[::-1]]
            shift = -steps % len(ring)
            rings.append(ring[shift:] + ring[:shift])
            sizes.append((h, w))
            rows = [row[1:-1] for row in inner]
            h, w = h - 2, w - 2
        matrix: list[list[int]] = []
        for (h, w), ring in zip(reversed(sizes), reversed(rings)):
            if h == 1:
                matrix = [ring]
            elif w == 1:
                matrix = [[number] for number in ring]
            else:
                corner = w + h - 2
                right = ring[w:corner]
                bottom = ring[corner : corner + w][::-1]
                left = ring[corner + w :][::-1]
                middle = matrix or [[] for _ in range(h - 2)]
                body = [[a, *row, b] for a, row, b in zip(left, middle, right)]
                matrix = [ring[:w], *body, bottom]
        return matrix
