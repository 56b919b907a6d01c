"""Programs that solve the puzzles: references in Python and C++, and one that is plausible and wrong."""

from __future__ import annotations

SUDOKU_PYTHON = """\
import sys

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
rows = sys.stdin.read().split()
n = len(rows)
h, w = BOXES[n]
full = (2 << n) - 2
used = [0] * (3 * n)
cells = [0 if c == "." else int(c) for row in rows for c in row]


def units(cell):
    r, c = divmod(cell, n)
    return r, n + c, 2 * n + r // h * h + c // w


where = [units(cell) for cell in range(n * n)]
for cell, digit in enumerate(cells):
    for unit in where[cell]:
        used[unit] |= 1 << digit if digit else 0
blanks = [cell for cell in range(n * n) if not cells[cell]]


def search():
    if not blanks:
        return True
    best, options = -1, 0
    for place, cell in enumerate(blanks):
        a, b, c = where[cell]
        free = full & ~(used[a] | used[b] | used[c])
        if best < 0 or bin(free).count("1") < bin(options).count("1"):
            best, options = place, free
    cell = blanks.pop(best)
    for digit in range(1, n + 1):
        bit = 1 << digit
        if options & bit:
            cells[cell] = digit
            for unit in where[cell]:
                used[unit] ^= bit
            if search():
                return True
            for unit in where[cell]:
                used[unit] ^= bit
    blanks.insert(best, cell)
    return False


search()
for row in range(n):
    print("".join(map(str, cells[row * n : row * n + n])))
"""
SUDOKU_CPP = """\
#include <iostream>
#include <string>
#include <vector>

int n, h, w;
std::vector<std::string> g;
std::vector<int> row_used, column_used, box_used;

int box(int r, int c) { return r / h * h + c / w; }

int free_digits(int r, int c) {
    return ((2 << n) - 2) & ~(row_used[r] | column_used[c] | box_used[box(r, c)]);
}

void flip(int r, int c, int bit) {
    row_used[r] ^= bit;
    column_used[c] ^= bit;
    box_used[box(r, c)] ^= bit;
}

bool search() {
    int best_row = -1, best_column = -1, fewest = n + 1;
    for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c)
            if (g[r][c] == '.') {
                int count = __builtin_popcount(free_digits(r, c));
                if (count < fewest) fewest = count, best_row = r, best_column = c;
            }
    if (best_row < 0) return true;
    int options = free_digits(best_row, best_column);
    for (int d = 1; d <= n; ++d)
        if (options >> d & 1) {
            g[best_row][best_column] = '0' + d;
            flip(best_row, best_column, 1 << d);
            if (search()) return true;
            flip(best_row, best_column, 1 << d);
        }
    g[best_row][best_column] = '.';
    return false;
}

int main() {
    for (std::string line; std::cin >> line;) g.push_back(line);
    n = g.size();
    h = n == 9 ? 3 : 2;
    w = n / h;
    row_used.assign(n, 0);
    column_used.assign(n, 0);
    box_used.assign(n, 0);
    for (int r = 0; r < n; ++r)
        for (int c = 0; c < n; ++c)
            if (g[r][c] != '.') flip(r, c, 1 << (g[r][c] - '0'));
    search();
    for (const auto& line : g) std::cout << line << '\\n';
}
"""
SUDOKU_WRONG = """\
import sys

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
rows = [list(row) for row in sys.stdin.read().split()]
n = len(rows)
h, w = BOXES[n]
digits = "123456789"[:n]
# Never looks again at a cell: takes the smallest digit that fits at the moment.
for r in range(n):
    for c in range(n):
        if rows[r][c] == ".":
            seen = set(rows[r]) | {rows[i][c] for i in range(n)}
            top, left = r // h * h, c // w * w
            seen |= {rows[i][j] for i in range(top, top + h) for j in range(left, left + w)}
            rows[r][c] = min(set(digits) - seen, default="1")
for row in rows:
    print("".join(row))
"""
SUDOKU_SINGLES = """\
import sys

BOXES = {4: (2, 2), 6: (2, 3), 9: (3, 3)}
rows = [list(row) for row in sys.stdin.read().split()]
n = len(rows)
h, w = BOXES[n]
digits = "123456789"[:n]


def fits(r, c):
    seen = set(rows[r]) | {rows[i][c] for i in range(n)}
    top, left = r // h * h, c // w * w
    seen |= {rows[i][j] for i in range(top, top + h) for j in range(left, left + w)}
    return set(digits) - seen


changed = True
while changed:
    changed = False
    for r in range(n):
        for c in range(n):
            if rows[r][c] == "." and len(fits(r, c)) == 1:
                rows[r][c] = fits(r, c).pop()
                changed = True
# Does not search: the other cells get the smallest digit that fits.
for r in range(n):
    for c in range(n):
        if rows[r][c] == ".":
            rows[r][c] = min(fits(r, c), default="1")
for row in rows:
    print("".join(row))
"""
MAZE_PYTHON = """\
import sys
from collections import deque

g = [list(line) for line in sys.stdin.read().split()]
n = len(g)
start, goal = ((r, c) for s in "SG" for r in range(n) for c in range(n) if g[r][c] == s)
before = {start: None}
queue = deque([start])
while queue:
    r, c = queue.popleft()
    for cell in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
        if g[cell[0]][cell[1]] != "#" and cell not in before:
            before[cell] = (r, c)
            queue.append(cell)
cell = before[goal]
while cell != start:
    g[cell[0]][cell[1]] = "o"
    cell = before[cell]
for row in g:
    print("".join(row))
"""
MAZE_CPP = """\
#include <iostream>
#include <queue>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> g;
    for (std::string line; std::cin >> line;) g.push_back(line);
    int n = g.size(), start = 0, goal = 0;
    for (int i = 0; i < n * n; ++i) {
        if (g[i / n][i % n] == 'S') start = i;
        if (g[i / n][i % n] == 'G') goal = i;
    }
    std::vector<int> before(n * n, -1);
    std::queue<int> queue;
    before[start] = start;
    queue.push(start);
    while (!queue.empty()) {
        int cell = queue.front();
        queue.pop();
        for (int next : {cell - n, cell + n, cell - 1, cell + 1})
            if (g[next / n][next % n] != '#' && before[next] < 0) {
                before[next] = cell;
                queue.push(next);
            }
    }
    for (int cell = before[goal]; cell != start; cell = before[cell]) g[cell / n][cell % n] = 'o';
    for (const auto& line : g) std::cout << line << '\\n';
}
"""
MAZE_WRONG = """\
import sys

sys.setrecursionlimit(10000)
g = [list(line) for line in sys.stdin.read().split()]
n = len(g)
start, goal = ((r, c) for s in "SG" for r in range(n) for c in range(n) if g[r][c] == s)
seen = {start}


def walk(r, c):
    # The first path that is found, which need not be the shortest.
    for cell in ((r + 1, c), (r, c + 1), (r - 1, c), (r, c - 1)):
        if cell == goal:
            return True
        if g[cell[0]][cell[1]] == "." and cell not in seen:
            seen.add(cell)
            if walk(*cell):
                g[cell[0]][cell[1]] = "o"
                return True
    return False


walk(*start)
for row in g:
    print("".join(row))
"""
