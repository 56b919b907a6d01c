// Backwards in time, with lists of members: when two clusters meet, the smaller one moves over.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m, q;
    std::cin >> n >> m >> q;
    std::vector<int> a(m), b(m), order(q);
    for (int k = 0; k < m; ++k) {
        std::cin >> a[k] >> b[k];
        --a[k], --b[k];
    }
    std::vector<bool> is_cut(m, false);
    for (int& cable : order) {
        std::cin >> cable;
        is_cut[--cable] = true;
    }
    std::vector<int> cluster(n);
    std::iota(cluster.begin(), cluster.end(), 0);
    std::vector<std::vector<int>> members(n);
    for (int station = 0; station < n; ++station) members[station] = {station};
    std::size_t largest = 1;
    const auto add = [&](int cable) {
        int to = cluster[a[cable]], from = cluster[b[cable]];
        if (to == from) return;
        if (members[to].size() < members[from].size()) std::swap(to, from);
        for (int station : members[from]) {
            cluster[station] = to;
            members[to].push_back(station);
        }
        members[from].clear();
        largest = std::max(largest, members[to].size());
    };
    for (int cable = 0; cable < m; ++cable)
        if (!is_cut[cable]) add(cable);
    std::vector<std::size_t> answers(q);
    for (int i = q - 1; i >= 0; --i) {
        answers[i] = largest;
        add(order[i]);
    }
    for (std::size_t answer : answers) std::cout << answer << '\n';
}
