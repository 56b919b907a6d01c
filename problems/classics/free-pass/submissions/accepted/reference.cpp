// Dijkstra's algorithm on two layers: in the first the pass is still there, in the second it is used up.
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
    std::vector<std::vector<std::pair<int, long long>>> roads(n);
    while (m--) {
        int a, b;
        long long toll;
        std::cin >> a >> b >> toll;
        roads[a - 1].emplace_back(b - 1, toll);
        roads[b - 1].emplace_back(a - 1, toll);
    }
    const long long far = 1LL << 60;
    std::vector<long long> cost(2 * n, far);
    using Entry = std::pair<long long, int>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue;
    const auto reach = [&](int state, long long paid) {
        if (paid >= cost[state]) return;
        cost[state] = paid;
        queue.emplace(paid, state);
    };
    reach(0, 0);
    while (!queue.empty()) {
        const auto [paid, state] = queue.top();
        queue.pop();
        if (paid > cost[state]) continue;
        const int town = state % n, layer = state / n;
        for (const auto& [other, toll] : roads[town]) {
            reach(other + layer * n, paid + toll);
            if (layer == 0) reach(other + n, paid);
        }
    }
    const long long least = std::min(cost[n - 1], cost[2 * n - 1]);
    std::cout << (least < far ? least : -1) << '\n';
}
