// Builds union-find from the cables that are left after each cut: O(q m).
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

std::vector<int> leader, size_of;

int find(int a) {
    while (leader[a] != a) a = leader[a] = leader[leader[a]];
    return a;
}

int main() {
    int n, m, q;
    std::cin >> n >> m >> q;
    std::vector<int> a(m + 1), b(m + 1);
    for (int k = 1; k <= m; ++k) std::cin >> a[k] >> b[k];
    std::vector<bool> is_cut(m + 1, false);
    while (q--) {
        int cut;
        std::cin >> cut;
        is_cut[cut] = true;
        leader.resize(n + 1);
        std::iota(leader.begin(), leader.end(), 0);
        size_of.assign(n + 1, 1);
        int largest = 1;
        for (int k = 1; k <= m; ++k) {
            if (is_cut[k]) continue;
            const int x = find(a[k]), y = find(b[k]);
            if (x == y) continue;
            leader[x] = y;
            size_of[y] += size_of[x];
            largest = std::max(largest, size_of[y]);
        }
        std::cout << largest << '\n';
    }
}
