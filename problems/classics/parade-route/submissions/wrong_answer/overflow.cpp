// Wrong: profits do not fit into 32 bits.
#include <iostream>
#include <utility>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> gain(n);
    for (auto& g : gain) std::cin >> g;
    std::vector<std::vector<std::pair<int, int>>> around(n);
    for (int i = 1; i < n; ++i) {
        int a, b, toll;
        std::cin >> a >> b >> toll;
        around[a - 1].emplace_back(b - 1, toll);
        around[b - 1].emplace_back(a - 1, toll);
    }
    std::vector<int> order(1, 0), parent(n, -1);
    for (int i = 0; i < n; ++i)
        for (const auto& [other, toll] : around[order[i]])
            if (other != parent[order[i]]) {
                parent[other] = order[i];
                order.push_back(other);
            }
    std::vector<unsigned> down(gain.begin(), gain.end());
    std::vector<long long> ways(n, 1);
    int best = gain[0];
    long long routes = 0;
    for (int g : gain) {
        if (g > best) {
            best = g;
            routes = 0;
        }
        if (g == best) ++routes;
    }
    for (int i = n - 1; i >= 0; --i) {
        const int here = order[i];
        for (const auto& [other, toll] : around[here]) {
            if (other == parent[here]) continue;
            const unsigned arm = down[other] - toll;
            const int profit = static_cast<int>(down[here] + arm);
            if (profit > best) {
                best = profit;
                routes = 0;
            }
            if (profit == best) routes += ways[here] * ways[other];
            const int longer = static_cast<int>(gain[here] + arm);
            if (longer > static_cast<int>(down[here])) {
                down[here] = longer;
                ways[here] = 0;
            }
            if (longer == static_cast<int>(down[here])) ways[here] += ways[other];
        }
    }
    std::cout << best << ' ' << routes << '\n';
}
