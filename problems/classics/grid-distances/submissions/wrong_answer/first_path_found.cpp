// Wrong: depth-first search finds some way, not the shortest.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

int main() {
    int h, w;
    std::cin >> h >> w;
    std::vector<std::string> grid(h);
    std::vector<std::vector<int>> distance(h, std::vector<int>(w, -1));
    std::vector<std::pair<int, int>> stack;
    for (int r = 0; r < h; ++r) {
        std::cin >> grid[r];
        for (int c = 0; c < w; ++c)
            if (grid[r][c] == 'S') {
                stack.push_back({r, c});
                distance[r][c] = 0;
            }
    }

    int answer = -1;
    const int down[] = {1, 0, -1, 0}, right[] = {0, 1, 0, -1};
    while (!stack.empty()) {
        const auto [r, c] = stack.back();
        stack.pop_back();
        if (grid[r][c] == 'T') {
            answer = distance[r][c];
            break;
        }
        for (int d = 0; d < 4; ++d) {
            const int nr = r + down[d], nc = c + right[d];
            if (nr < 0 || nr >= h || nc < 0 || nc >= w) continue;
            if (grid[nr][nc] == '#' || distance[nr][nc] >= 0) continue;
            distance[nr][nc] = distance[r][c] + 1;
            stack.push_back({nr, nc});
        }
    }
    std::cout << answer << '\n';
}
