// Wrong: the sum of people does not fit into 32 bits.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<unsigned> here(n), neither(n, 0);
    std::vector<int> gain(n, 0), parent(n, -1), order = {0};
    for (unsigned& count : here) std::cin >> count;
    std::vector<std::vector<int>> around(n);
    for (int i = 1; i < n; ++i) {
        int a, b;
        std::cin >> a >> b;
        around[a - 1].push_back(b - 1);
        around[b - 1].push_back(a - 1);
    }
    for (int i = 0; i < n; ++i)
        for (int other : around[order[i]])
            if (other != parent[order[i]]) {
                parent[other] = order[i];
                order.push_back(other);
            }
    for (int i = n - 1; i > 0; --i) {
        const int village = order[i], up = parent[village];
        const unsigned without = neither[village] + gain[village];
        here[up] += neither[village];
        neither[up] += without;
        gain[up] = std::max(gain[up], int(here[village] - without));
    }
    std::cout << std::max(here[0], neither[0] + gain[0]) << '\n';
}
