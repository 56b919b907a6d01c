// Wrong: takes the distance between cells as if there were no walls.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

int main() {
    int h, w;
    std::cin >> h >> w;
    std::vector<std::pair<int, int>> places(1);
    for (int i = 0; i < h; ++i) {
        std::string row;
        std::cin >> row;
        for (int j = 0; j < w; ++j) {
            if (row[j] == 'G') places[0] = {i, j};
            if (row[j] == '*') places.emplace_back(i, j);
        }
    }
    const int k = static_cast<int>(places.size()) - 1;
    const auto steps = [&](int a, int b) {
        return std::abs(places[a].first - places[b].first) + std::abs(places[a].second - places[b].second);
    };
    std::vector<int> least(1 << k, 1 << 30);
    least[0] = 0;
    for (int done = 0; done < 1 << k; ++done)
        for (int a = 1; a <= k; ++a)
            for (int b = 1; b <= k; ++b)
                for (int c = 1; c <= k; ++c) {
                    const int after = done | 1 << (a - 1) | 1 << (b - 1) | 1 << (c - 1);
                    const int drive = steps(0, a) + steps(a, b) + steps(b, c) + steps(c, 0);
                    least[after] = std::min(least[after], least[done] + drive);
                }
    std::cout << least[(1 << k) - 1] << '\n';
}
