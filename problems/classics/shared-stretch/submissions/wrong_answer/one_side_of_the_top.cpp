// Wrong: measures the stretch from its lowest farm straight up, as if it never led down on the other side.
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, q;
    std::cin >> n >> q;
    std::vector<std::vector<std::pair<int, int>>> around(n);
    for (int i = 1; i < n; ++i) {
        int u, v, w;
        std::cin >> u >> v >> w;
        around[u - 1].push_back({v - 1, w});
        around[v - 1].push_back({u - 1, w});
    }
    const int levels = 15;
    std::vector<std::vector<int>> up(levels, std::vector<int>(n, 0));
    std::vector<int> depth(n, 0), order = {0};
    std::vector<long long> length(n, 0);
    for (int i = 0; i < n; ++i) {
        const int farm = order[i];
        for (auto [other, w] : around[farm]) {
            if (other == up[0][farm]) continue;
            up[0][other] = farm;
            depth[other] = depth[farm] + 1;
            length[other] = length[farm] + w;
            order.push_back(other);
        }
    }
    for (int k = 1; k < levels; ++k)
        for (int farm = 0; farm < n; ++farm) up[k][farm] = up[k - 1][up[k - 1][farm]];
    const auto ancestor = [&](int a, int b) {
        if (depth[a] < depth[b]) std::swap(a, b);
        for (int k = levels - 1; k >= 0; --k)
            if (depth[a] - (1 << k) >= depth[b]) a = up[k][a];
        for (int k = levels - 1; k >= 0; --k)
            if (up[k][a] != up[k][b]) {
                a = up[k][a];
                b = up[k][b];
            }
        return a == b ? a : up[0][a];
    };
    while (q--) {
        int a, b, c, d;
        std::cin >> a >> b >> c >> d;
        --a, --b, --c, --d;
        const int tops[] = {ancestor(a, b), ancestor(c, d)};
        const int top = depth[tops[0]] > depth[tops[1]] ? tops[0] : tops[1];
        long long longest = 0;
        for (int x : {a, b})
            for (int y : {c, d}) longest = std::max(longest, length[ancestor(x, y)] - length[top]);
        std::cout << longest << '\n';
    }
}
