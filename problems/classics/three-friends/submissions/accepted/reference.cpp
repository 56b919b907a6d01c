// Lowest common ancestors by doubling; the friends meet in the lowest of the three.
#include <iostream>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, q;
    std::cin >> n >> q;
    std::vector<std::vector<int>> around(n);
    for (int i = 1; i < n; ++i) {
        int a, b;
        std::cin >> a >> b;
        around[a - 1].push_back(b - 1);
        around[b - 1].push_back(a - 1);
    }
    const int levels = 16;
    std::vector<std::vector<int>> up(levels, std::vector<int>(n, 0));
    std::vector<int> depth(n, 0), order = {0};
    for (int i = 0; i < n; ++i) {
        const int hut = order[i];
        for (int other : around[hut]) {
            if (other == up[0][hut]) continue;
            up[0][other] = hut;
            depth[other] = depth[hut] + 1;
            order.push_back(other);
        }
    }
    for (int k = 1; k < levels; ++k)
        for (int hut = 0; hut < n; ++hut) up[k][hut] = up[k - 1][up[k - 1][hut]];
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
        int friends[3], meeting = 0, hours = 0;
        for (int& hut : friends) {
            std::cin >> hut;
            --hut;
        }
        for (int i = 0; i < 3; ++i) {
            const int met = ancestor(friends[i], friends[(i + 1) % 3]);
            if (depth[met] > depth[meeting]) meeting = met;
        }
        for (int hut : friends) hours += depth[hut] + depth[meeting] - 2 * depth[ancestor(hut, meeting)];
        std::cout << meeting + 1 << ' ' << hours << '\n';
    }
}
