// Adds up each square anew.
#include <iostream>
#include <string>
#include <vector>

int main() {
    int h, w, k, s, found = 0;
    std::cin >> h >> w >> k >> s;
    std::vector<std::string> rows(h);
    for (auto& row : rows) std::cin >> row;
    for (int top = 0; top + k <= h; ++top) {
        for (int left = 0; left + k <= w; ++left) {
            int sum = 0;
            for (int r = top; r < top + k; ++r)
                for (int c = left; c < left + k; ++c) sum += rows[r][c] - '0';
            found += sum >= s;
        }
    }
    std::cout << found << '\n';
}
