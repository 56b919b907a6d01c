// Wrong: the friends always meet where one of them lives.
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
        if (depth[a] < depth[b]) std::swap(a, b);
        a = parent[a];
    }
    return a;
}

int hours(int a, int b) { return depth[a] + depth[b] - 2 * depth[ancestor(a, b)]; }

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, q;
    std::cin >> n >> q;
    read_tree(n);
    while (q--) {
        int friends[3], best = -1, host = 0;
        for (int& hut : friends) std::cin >> hut;
        for (int home : friends) {
            int sum = 0;
            for (int hut : friends) sum += hours(hut, home);
            if (best < 0 || sum < best) {
                best = sum;
                host = home;
            }
        }
        std::cout << host << ' ' << best << '\n';
    }
}
