// Routes from each lake to a mouth, by depth-first search with a stack of its own.
#include <iostream>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<int>> onward(n);
    std::vector<bool> source(n, true);
    while (m--) {
        int a, b;
        std::cin >> a >> b;
        onward[a - 1].push_back(b - 1);
        source[b - 1] = false;
    }
    const int prime = 998244353;
    std::vector<int> routes(n, -1);
    int total = 0;
    std::vector<std::pair<int, std::size_t>> stack;
    for (int root = 0; root < n; ++root) {
        if (!source[root]) continue;
        stack.emplace_back(root, 0);
        while (!stack.empty()) {
            auto& [lake, next] = stack.back();
            if (routes[lake] < 0 && next < onward[lake].size()) {
                const int other = onward[lake][next];
                if (routes[other] >= 0) {
                    ++next;
                } else {
                    stack.emplace_back(other, 0);
                }
                continue;
            }
            if (routes[lake] < 0) {
                routes[lake] = onward[lake].empty();
                for (int other : onward[lake]) routes[lake] = (routes[lake] + routes[other]) % prime;
            }
            stack.pop_back();
        }
        total = (total + routes[root]) % prime;
    }
    std::cout << total << '\n';
}
