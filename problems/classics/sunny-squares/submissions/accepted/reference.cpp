// Sums of all rectangles that begin in the top left corner; a square is a difference of four of them.
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int h, w, k, s, found = 0;
    std::cin >> h >> w >> k >> s;
    std::vector<std::vector<int>> sum(h + 1, std::vector<int>(w + 1));
    for (int r = 1; r <= h; ++r) {
        std::string row;
        std::cin >> row;
        for (int c = 1; c <= w; ++c) {
            sum[r][c] = row[c - 1] - '0' + sum[r - 1][c] + sum[r][c - 1] - sum[r - 1][c - 1];
            if (r >= k && c >= k)
                found += sum[r][c] - sum[r - k][c] - sum[r][c - k] + sum[r - k][c - k] >= s;
        }
    }
    std::cout << found << '\n';
}
