// Wrong: takes two strips away and forgets that their common corner is taken away twice.
#include <iostream>
#include <string>
#include <vector>

int main() {
    int h, w, k, s, found = 0;
    std::cin >> h >> w >> k >> s;
    std::vector<std::vector<int>> sum(h + 1, std::vector<int>(w + 1));
    for (int r = 1; r <= h; ++r) {
        std::string row;
        std::cin >> row;
        for (int c = 1; c <= w; ++c) {
            sum[r][c] = row[c - 1] - '0' + sum[r - 1][c] + sum[r][c - 1] - sum[r - 1][c - 1];
            if (r >= k && c >= k) found += sum[r][c] - sum[r - k][c] - sum[r][c - k] >= s;
        }
    }
    std::cout << found << '\n';
}
