// Rerooting: the best way that begins in each village, wherever it goes, with the number of such ways. Added
// up over the villages where the best of all begins, every route with two ends is counted twice.
#include <iostream>
#include <vector>

struct Best {
    long long profit, ways;
};

constexpr long long none = -(1LL << 60);

Best better(const Best& a, const Best& b) {
    if (a.profit != b.profit) return a.profit > b.profit ? a : b;
    return {a.profit, a.ways + b.ways};
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
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
    std::vector<int> order(1, 0), parent(n, -1);
    for (int i = 0; i < n; ++i)
        for (const auto& [other, toll] : around[order[i]])
            if (other != parent[order[i]]) {
                parent[other] = order[i];
                order.push_back(other);
            }
    // Both without the village itself at the top: what follows it below and what follows it above.
    std::vector<Best> below(n, {0, 1}), above(n, {none, 0});
    for (int i = n - 1; i >= 0; --i) {
        const int here = order[i];
        for (const auto& [other, toll] : around[here])
            if (other != parent[here]) {
                const Best arm{below[other].profit + gain[other] - toll, below[other].ways};
                below[here] = better(below[here], arm);
            }
    }
    Best all{none, 0};
    long long single = 0;
    for (int here : order) {
        const auto& roads = around[here];
        const std::size_t m = roads.size();
        std::vector<Best> left(m + 1), right(m + 1);
        left[0] = {0, 1};
        right[m] = {none, 0};
        const auto arm = [&](std::size_t j) {
            const auto& [other, toll] = roads[j];
            if (other == parent[here]) return above[here];
            return Best{below[other].profit + gain[other] - toll, below[other].ways};
        };
        for (std::size_t j = 0; j < m; ++j) left[j + 1] = better(left[j], arm(j));
        for (std::size_t j = m; j > 0; --j) right[j - 1] = better(right[j], arm(j - 1));
        for (std::size_t j = 0; j < m; ++j) {
            const auto& [other, toll] = roads[j];
            if (other == parent[here]) continue;
            const Best rest = better(left[j], right[j + 1]);
            above[other] = {rest.profit + gain[here] - toll, rest.ways};
        }
        const Best mine{left[m].profit + gain[here], left[m].ways};
        if (mine.profit > all.profit) {
            all = {mine.profit, 0};
            single = 0;
        }
        if (mine.profit == all.profit) all.ways += mine.ways;
        if (gain[here] == all.profit) ++single;
    }
    std::cout << all.profit << ' ' << (all.ways + single) / 2 << '\n';
}
