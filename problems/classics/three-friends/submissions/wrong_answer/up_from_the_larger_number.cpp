// Wrong: walks up from the hut with the larger number, though a parent may have the larger one.
#include <iostream>
#include <utility>
#include <vector>

std::vector<std::vector<int>> around;
std::vector<int> parent, depth;

void read_tree(int n) {
    around.resize(n + 1);
    for (int i = 1; i < n; ++i) {
        int a, b;
        std::cin >> a >> b;
        around[a].push_back(b);
        around[b].push_back(a);
    }
    parent.assign(n + 1, 0);
    depth.assign(n + 1, 0);
    std::vector<int> order = {1};
    for (int i = 0; i < n; ++i)
        for (int other : around[order[i]])
            if (other != parent[order[i]]) {
                parent[other] = order[i];
                depth[other] = depth[order[i]] + 1;
                order.push_back(other);
            }
}

int ancestor(int a, int b) {
    while (a != b) {
        if (a < b) std::swap(a, b);
        a = parent[a];
    }
    return a;
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, q;
    std::cin >> n >> q;
    read_tree(n);
    while (q--) {
        int a, b, c;
        std::cin >> a >> b >> c;
        const int x = ancestor(a, b), y = ancestor(b, c), z = ancestor(c, a);
        const int hours = depth[a] + depth[b] + depth[c] - depth[x] - depth[y] - depth[z];
        std::cout << (x ^ y ^ z) << ' ' << hours << '\n';
    }
}
