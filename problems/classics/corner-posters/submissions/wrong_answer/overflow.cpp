// Wrong: the area does not fit into 32 bits.
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<std::pair<unsigned, unsigned>> posters(n);
    for (auto& [width, height] : posters) std::cin >> width >> height;
    std::sort(posters.rbegin(), posters.rend());
    unsigned area = 0, top = 0;
    for (const auto& [width, height] : posters)
        if (height > top) {
            area += width * (height - top);
            top = height;
        }
    std::cout << area << '\n';
}
