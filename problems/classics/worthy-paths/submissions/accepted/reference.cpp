// From the last special cell back: the worth of all paths from a cell to the end is that of those which meet no
// other special cell, and of those whose first special cell is each of the later ones.
#include <algorithm>
#include <iostream>
#include <vector>

using Number = long long;
const Number mod = 1000000007;
std::vector<Number> factorial(200001, 1), inverse(200001, 1);

Number paths(int rows, int columns) {
    if (rows < 0 || columns < 0) return 0;
    return factorial[rows + columns] * inverse[rows] % mod * inverse[columns] % mod;
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    for (int i = 2; i <= 200000; ++i) {
        factorial[i] = factorial[i - 1] * i % mod;
        inverse[i] = (mod - mod / i) * inverse[mod % i] % mod;
    }
    for (int i = 2; i <= 200000; ++i) inverse[i] = inverse[i - 1] * inverse[i] % mod;
    int h, w, n;
    std::cin >> h >> w >> n;
    struct Cell {
        int row, column;
        Number factor, total, worth;
    };
    // `total`: worth of all paths from the cell on, its own factor left out; `worth`: with it.
    std::vector<Cell> cells(n);
    for (auto& [row, column, factor, total, worth] : cells) std::cin >> row >> column >> factor;
    const bool first = std::any_of(cells.begin(), cells.end(), [](const Cell& cell) {
        return cell.row == 1 && cell.column == 1;
    });
    if (!first) cells.push_back({1, 1, 1, 0, 0});
    std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
        return a.row != b.row ? a.row > b.row : a.column > b.column;
    });
    for (std::size_t i = 0; i < cells.size(); ++i) {
        Cell& here = cells[i];
        here.total = paths(h - here.row, w - here.column);
        for (std::size_t j = 0; j < i; ++j) {
            const Cell& later = cells[j];
            const Number difference = (later.worth - later.total + mod) % mod;
            const Number between = paths(later.row - here.row, later.column - here.column);
            here.total = (here.total + between * difference) % mod;
        }
        here.worth = here.total * here.factor % mod;
    }
    std::cout << cells.back().worth << '\n';
}
