// O(n^2): looks for the highest poster of each strip among all posters.
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<std::pair<long long, long long>> posters(n);
    std::vector<long long> widths;
    for (auto& [width, height] : posters) {
        std::cin >> width >> height;
        widths.push_back(width);
    }
    std::sort(widths.begin(), widths.end());
    long long area = 0, left = 0;
    for (long long right : widths) {
        long long highest = 0;
        for (const auto& [width, height] : posters)
            if (width >= right && height > highest) highest = height;
        area += (right - left) * highest;
        left = right;
    }
    std::cout << area << '\n';
}
