// Wrong: leaves out the lakes without any channel.
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<int>> onward(n);
    std::vector<int> coming(n, 0), routes(n, 0), order;
    while (m--) {
        int a, b;
        std::cin >> a >> b;
        onward[a - 1].push_back(b - 1);
        ++coming[b - 1];
    }
    for (int lake = 0; lake < n; ++lake) {
        if (coming[lake] || onward[lake].empty()) continue;
        routes[lake] = 1;
        order.push_back(lake);
    }
    int total = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const int lake = order[i];
        if (onward[lake].empty()) total = (total + routes[lake]) % 998244353;
        for (int other : onward[lake]) {
            routes[other] = (routes[other] + routes[lake]) % 998244353;
            if (--coming[other] == 0) order.push_back(other);
        }
    }
    std::cout << total << '\n';
}
