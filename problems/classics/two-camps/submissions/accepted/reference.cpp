// Union-find over 2n wishes: "a sleeps by the lake" is wish a, "a sleeps in the woods" is wish a + n.
// A quarrel joins each wish of one guest with the opposite wish of the other.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

std::vector<int> leader;

int find(int wish) {
    while (leader[wish] != wish) wish = leader[wish] = leader[leader[wish]];
    return wish;
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m;
    std::cin >> n >> m;
    leader.resize(2 * n);
    std::iota(leader.begin(), leader.end(), 0);
    while (m--) {
        int a, b;
        std::cin >> a >> b;
        --a, --b;
        leader[find(a)] = find(b + n);
        leader[find(b)] = find(a + n);
    }
    std::vector<int> lake(2 * n, 0);
    for (int a = 0; a < n; ++a) {
        if (find(a) == find(a + n)) {
            std::cout << "-1\n";
            return 0;
        }
        ++lake[find(a)];
    }
    int most = 0;
    std::vector<bool> counted(2 * n, false);
    for (int a = 0; a < n; ++a) {
        const int here = find(a), there = find(a + n);
        if (counted[here]) continue;
        counted[here] = counted[there] = true;
        most += std::max(lake[here], lake[there]);
    }
    std::cout << most << '\n';
}
