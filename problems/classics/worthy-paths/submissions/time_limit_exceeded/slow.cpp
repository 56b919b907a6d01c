// Goes through all cells of the grid, row by row.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    struct Cell {
        int row, column;
        long long factor;
    };
    const long long mod = 1000000007;
    int h, w, n;
    std::cin >> h >> w >> n;
    std::vector<Cell> cells(n);
    for (auto& [row, column, factor] : cells) std::cin >> row >> column >> factor;
    std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
        return a.row != b.row ? a.row < b.row : a.column < b.column;
    });
    auto next = cells.begin();
    std::vector<long long> worth(w + 1);
    for (int r = 1; r <= h; ++r) {
        for (int c = 1; c <= w; ++c) {
            worth[c] = r == 1 && c == 1 ? 1 : (worth[c] + worth[c - 1]) % mod;
            if (next != cells.end() && next->row == r && next->column == c)
                worth[c] = worth[c] * next++->factor % mod;
        }
    }
    std::cout << worth[w] << '\n';
}
