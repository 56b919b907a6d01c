// Spanning forest by breadth-first search; each other line merges the islands on the cycle it closes
// (union-find by contraction towards the root). Tree lines that are never merged are the vital ones.
#include <iostream>
#include <numeric>
#include <utility>
#include <vector>

struct Groups {
    std::vector<int> top;  // towards the island of the group that is nearest to the root

    explicit Groups(int count) : top(count) { std::iota(top.begin(), top.end(), 0); }

    int find(int island) {
        while (top[island] != island) island = top[island] = top[top[island]];
        return island;
    }
};

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m;
    std::cin >> n >> m;
    std::vector<std::pair<int, int>> lines(m);
    std::vector<std::vector<std::pair<int, int>>> around(n);
    for (int k = 0; k < m; ++k) {
        auto& [a, b] = lines[k];
        std::cin >> a >> b;
        around[--a].emplace_back(b - 1, k);
        around[--b].emplace_back(a, k);
    }
    std::vector<int> parent(n, -1), depth(n, -1), queue;
    std::vector<bool> in_forest(m, false);
    int vital = 0;
    for (int root = 0; root < n; ++root) {
        if (depth[root] >= 0) continue;
        depth[root] = 0;
        queue.assign(1, root);
        for (std::size_t head = 0; head < queue.size(); ++head) {
            const int island = queue[head];
            for (const auto& [other, line] : around[island]) {
                if (depth[other] >= 0) continue;
                depth[other] = depth[island] + 1;
                parent[other] = island;
                in_forest[line] = true;
                ++vital;
                queue.push_back(other);
            }
        }
    }
    Groups groups(n);
    for (int k = 0; k < m; ++k) {
        if (in_forest[k]) continue;
        int a = groups.find(lines[k].first), b = groups.find(lines[k].second);
        while (a != b) {
            if (depth[a] < depth[b]) std::swap(a, b);
            groups.top[a] = parent[a];
            --vital;
            a = groups.find(a);
        }
    }
    std::cout << vital << '\n';
}
