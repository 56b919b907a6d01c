// far[d][v] is the best sum below v with every mast at least d roads away from v.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<long long> people(n);
    for (long long& count : people) std::cin >> count;
    std::vector<std::vector<int>> around(n);
    for (int i = 1; i < n; ++i) {
        int a, b;
        std::cin >> a >> b;
        around[a - 1].push_back(b - 1);
        around[b - 1].push_back(a - 1);
    }
    std::vector<int> parent(n, -1), order = {0};
    for (int i = 0; i < n; ++i)
        for (int other : around[order[i]])
            if (other != parent[order[i]]) {
                parent[other] = order[i];
                order.push_back(other);
            }
    std::vector<std::vector<long long>> far(3, std::vector<long long>(n));
    for (int i = n - 1; i >= 0; --i) {
        const int village = order[i];
        long long at_one = 0, at_two = 0, best = 0;
        for (int child : around[village]) {
            if (child == parent[village]) continue;
            at_one += far[1][child];
            at_two += far[2][child];
            best = std::max(best, far[0][child] - far[1][child]);
        }
        far[2][village] = at_one;
        far[1][village] = at_one + best;
        far[0][village] = std::max(far[1][village], people[village] + at_two);
    }
    std::cout << far[0][0] << '\n';
}
