// Sweep over starts and ends in time order: `settled` is the best income of requests that have ended.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <tuple>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<std::int64_t> income(n);           // price, later the best income that ends with it
    std::vector<std::tuple<int, int, int>> events;  // time, 0 = end before 1 = start, request
    events.reserve(2 * n);
    for (int i = 0; i < n; ++i) {
        int start, end;
        std::cin >> start >> end >> income[i];
        events.emplace_back(start, 1, i);
        events.emplace_back(end, 0, i);
    }
    std::sort(events.begin(), events.end());
    std::int64_t settled = 0;
    for (const auto& [time, starts, i] : events) {
        if (starts) {
            income[i] += settled;
        } else {
            settled = std::max(settled, income[i]);
        }
    }
    std::cout << settled << '\n';
}
