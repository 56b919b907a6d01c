// Lowers the distance of every cell by its neighbours', again and again until nothing changes.
#include <iostream>
#include <string>
#include <vector>

int main() {
    int h, w;
    std::cin >> h >> w;
    std::vector<std::string> grid(h);
    for (auto& row : grid) std::cin >> row;

    const int far = 1'000'000'000;
    std::vector<std::vector<int>> distance(h, std::vector<int>(w, far));
    int target_row = 0, target_column = 0;
    for (int r = 0; r < h; ++r)
        for (int c = 0; c < w; ++c) {
            if (grid[r][c] == 'S') distance[r][c] = 0;
            if (grid[r][c] == 'T') target_row = r, target_column = c;
        }

    const int down[] = {-1, 1, 0, 0}, right[] = {0, 0, -1, 1};
    for (bool changed = true; changed;) {
        changed = false;
        for (int r = 0; r < h; ++r)
            for (int c = 0; c < w; ++c) {
                if (grid[r][c] == '#') continue;
                for (int d = 0; d < 4; ++d) {
                    const int nr = r + down[d], nc = c + right[d];
                    if (nr < 0 || nr >= h || nc < 0 || nc >= w) continue;
                    if (distance[nr][nc] + 1 < distance[r][c]) {
                        distance[r][c] = distance[nr][nc] + 1;
                        changed = true;
                    }
                }
            }
    }
    const int answer = distance[target_row][target_column];
    std::cout << (answer < far ? answer : -1) << '\n';
}
