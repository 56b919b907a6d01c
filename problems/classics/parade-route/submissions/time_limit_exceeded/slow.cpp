// Follows the roads from every village anew: O(n^2).
#include <iostream>
#include <utility>
#include <vector>

struct Step {
    int here, before;
    long long profit;
};

int main() {
    int n;
    std::cin >> n;
    std::vector<long long> gain(n);
    for (auto& g : gain) std::cin >> g;
    std::vector<std::vector<std::pair<int, long long>>> around(n);
    for (int i = 1; i < n; ++i) {
        int a, b;
        long long toll;
        std::cin >> a >> b >> toll;
        around[a - 1].emplace_back(b - 1, toll);
        around[b - 1].emplace_back(a - 1, toll);
    }
    long long best = -(1LL << 60), routes = 0;
    for (int start = 0; start < n; ++start) {
        std::vector<Step> todo{{start, -1, gain[start]}};
        while (!todo.empty()) {
            const Step step = todo.back();
            todo.pop_back();
            if (step.here >= start) {
                if (step.profit > best) {
                    best = step.profit;
                    routes = 0;
                }
                if (step.profit == best) ++routes;
            }
            for (const auto& [other, toll] : around[step.here])
                if (other != step.before)
                    todo.push_back({other, step.here, step.profit + gain[other] - toll});
        }
    }
    std::cout << best << ' ' << routes << '\n';
}
