// Walks up one road at a time for each of six distances: O(n) per question.
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

std::vector<std::vector<std::pair<int, int>>> around;
std::vector<int> parent, depth;
std::vector<long long> up;

long long distance(int a, int b) {
    long long total = 0;
    while (a != b) {
        if (depth[a] < depth[b]) std::swap(a, b);
        total += up[a];
        a = parent[a];
    }
    return total;
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, q;
    std::cin >> n >> q;
    around.resize(n + 1);
    for (int i = 1; i < n; ++i) {
        int u, v, w;
        std::cin >> u >> v >> w;
        around[u].push_back({v, w});
        around[v].push_back({u, w});
    }
    parent.assign(n + 1, 0);
    depth.assign(n + 1, 0);
    up.assign(n + 1, 0);
    std::vector<int> order = {1};
    for (int i = 0; i < n; ++i)
        for (auto [other, w] : around[order[i]])
            if (other != parent[order[i]]) {
                parent[other] = order[i];
                depth[other] = depth[order[i]] + 1;
                up[other] = w;
                order.push_back(other);
            }
    while (q--) {
        int a, b, c, d;
        std::cin >> a >> b >> c >> d;
        const long long others = std::min(distance(a, c) + distance(b, d), distance(a, d) + distance(b, c));
        std::cout << std::max(0LL, distance(a, b) + distance(c, d) - others) / 2 << '\n';
    }
}
