// Breadth-first search from both ends in turn, until the two searches meet.
#include <array>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

using Ring = std::vector<std::pair<int, int>>;

int main() {
    int h, w;
    std::cin >> h >> w;
    std::vector<std::string> grid(h);
    std::array<Ring, 2> rings;
    for (int r = 0; r < h; ++r) {
        std::cin >> grid[r];
        for (int c = 0; c < w; ++c) {
            if (grid[r][c] == 'S') rings[0].push_back({r, c});
            if (grid[r][c] == 'T') rings[1].push_back({r, c});
        }
    }

    const std::array<char, 2> mark = {'S', 'T'};
    for (int steps = 1; !rings[0].empty() && !rings[1].empty(); ++steps) {
        const int side = rings[0].size() <= rings[1].size() ? 0 : 1;
        Ring next;
        for (const auto& [r, c] : rings[side]) {
            for (const auto& [nr, nc] : Ring{{r - 1, c}, {r + 1, c}, {r, c - 1}, {r, c + 1}}) {
                if (nr < 0 || nr >= h || nc < 0 || nc >= w) continue;
                if (grid[nr][nc] == mark[1 - side]) {
                    std::cout << steps << '\n';
                    return 0;
                }
                if (grid[nr][nc] != '.') continue;
                grid[nr][nc] = mark[side];
                next.push_back({nr, nc});
            }
        }
        rings[side] = std::move(next);
    }
    std::cout << -1 << '\n';
}
