// Wrong: the sum of the tolls does not fit into 32 bits.
#include <climits>
#include <functional>
#include <iostream>
#include <queue>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<std::pair<int, int>>> roads(n);
    while (m--) {
        int a, b, toll;
        std::cin >> a >> b >> toll;
        roads[a - 1].emplace_back(b - 1, toll);
        roads[b - 1].emplace_back(a - 1, toll);
    }
    std::vector<int> cost(2 * n, INT_MAX);
    std::priority_queue<std::pair<int, int>, std::vector<std::pair<int, int>>, std::greater<>> queue;
    cost[0] = 0;
    queue.emplace(0, 0);
    while (!queue.empty()) {
        const auto [paid, state] = queue.top();
        queue.pop();
        if (paid > cost[state]) continue;
        for (const auto& [other, toll] : roads[state % n]) {
            const int same = other + state / n * n;
            const unsigned sum = unsigned(paid) + unsigned(toll);
            if (int(sum) >= 0 && int(sum) < cost[same]) queue.emplace(cost[same] = sum, same);
            if (state < n && paid < cost[other + n]) queue.emplace(cost[other + n] = paid, other + n);
        }
    }
    const int least = std::min(cost[n - 1], cost[2 * n - 1]);
    std::cout << (least == INT_MAX ? -1 : least) << '\n';
}
