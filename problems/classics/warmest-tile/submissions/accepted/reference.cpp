// Sweep over the rows with blocks of columns: a change touches single columns in two blocks and whole blocks
// in between, so it takes about the square root of n steps.
#include <algorithm>
#include <iostream>
#include <vector>

struct Change {
    int y, first, last;
    long long t;
};

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<Change> changes;
    std::vector<int> borders;
    for (int i = 0; i < n; ++i) {
        int x1, y1, x2, y2;
        long long t;
        std::cin >> x1 >> y1 >> x2 >> y2 >> t;
        changes.push_back({y1, x1, x2 + 1, t});
        changes.push_back({y2 + 1, x1, x2 + 1, -t});
        borders.push_back(x1);
        borders.push_back(x2 + 1);
    }
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    const auto place = [&](int x) {
        return static_cast<int>(std::lower_bound(borders.begin(), borders.end(), x) - borders.begin());
    };
    std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.y < b.y; });
    constexpr int width = 128;
    const int columns = static_cast<int>(borders.size());
    const int blocks = (columns + width - 1) / width;
    std::vector<long long> value(blocks * width, 0), whole(blocks, 0), largest(blocks, 0);
    long long warmest = 0;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto& [y, x1, x2, t] = changes[i];
        if (i && y != changes[i - 1].y)
            for (int block = 0; block < blocks; ++block)
                warmest = std::max(warmest, whole[block] + largest[block]);
        const int first = place(x1), last = place(x2);
        for (int block = first / width; block * width < last; ++block) {
            const int from = block * width, to = from + width;
            if (first <= from && to <= last) {
                whole[block] += t;
                continue;
            }
            const int begin = std::max(first, from), end = std::min(last, to);
            for (int column = begin; column < end; ++column) value[column] += t;
            largest[block] = *std::max_element(value.begin() + from, value.begin() + to);
        }
    }
    std::cout << warmest << '\n';
}
