// Wrong: a branch that reaches the junction itself by another way counts as not cut off, as for bridges.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<int>> around(n);
    while (m--) {
        int a, b;
        std::cin >> a >> b;
        around[a - 1].push_back(b - 1);
        around[b - 1].push_back(a - 1);
    }
    std::vector<int> place(n, -1), parent(n, -1), root(n, -1), preorder, stack;
    std::vector<std::size_t> next(n, 0);
    for (int start = 0; start < n; ++start) {
        if (place[start] >= 0) continue;
        stack.assign(1, start);
        place[start] = preorder.size();
        preorder.push_back(start);
        root[start] = start;
        while (!stack.empty()) {
            const int here = stack.back();
            if (next[here] == around[here].size()) {
                stack.pop_back();
                continue;
            }
            const int other = around[here][next[here]++];
            if (place[other] >= 0) continue;
            place[other] = preorder.size();
            preorder.push_back(other);
            parent[other] = here;
            root[other] = start;
            stack.push_back(other);
        }
    }
    std::vector<int> low(place), size(n, 1);
    std::vector<long long> cut(n, 0), damage(n, 0);
    for (int i = n - 1; i >= 0; --i) {
        const int here = preorder[i], above = parent[here];
        for (int other : around[here]) low[here] = std::min(low[here], place[other]);
        if (above < 0) continue;
        low[above] = std::min(low[above], low[here]);
        size[above] += size[here];
        if (low[here] <= place[above]) continue;
        damage[above] += cut[above] * size[here];
        cut[above] += size[here];
    }
    int worst = 0;
    for (int here = 0; here < n; ++here) {
        damage[here] += cut[here] * (size[root[here]] - 1 - cut[here]);
        if (damage[here] > damage[worst]) worst = here;
    }
    std::cout << worst + 1 << ' ' << damage[worst] << '\n';
}
