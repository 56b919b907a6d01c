// Wrong: compares with >=, the test for cut vertices, so lines on a cycle are counted as well.
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

std::vector<std::vector<std::pair<int, int>>> around;
std::vector<int> order_of, low;
int clock_now = 0, vital = 0;

void explore(int root) {
    struct Frame {
        int island, arrival;
        std::size_t next;
    };
    std::vector<Frame> stack{{root, -1, 0}};
    order_of[root] = low[root] = ++clock_now;
    while (!stack.empty()) {
        const int island = stack.back().island;
        if (stack.back().next < around[island].size()) {
            const auto [other, line] = around[island][stack.back().next++];
            if (line == stack.back().arrival) continue;
            if (order_of[other]) {
                low[island] = std::min(low[island], order_of[other]);
            } else {
                order_of[other] = low[other] = ++clock_now;
                stack.push_back({other, line, 0});
            }
        } else {
            stack.pop_back();
            if (stack.empty()) break;
            const int parent = stack.back().island;
            low[parent] = std::min(low[parent], low[island]);
            if (low[island] >= order_of[parent]) ++vital;
        }
    }
}

int main() {
    int n, m;
    std::cin >> n >> m;
    around.resize(n + 1);
    order_of.resize(n + 1);
    low.resize(n + 1);
    for (int line = 0; line < m; ++line) {
        int a, b;
        std::cin >> a >> b;
        around[a].emplace_back(b, line);
        around[b].emplace_back(a, line);
    }
    for (int island = 1; island <= n; ++island) {
        if (!order_of[island]) explore(island);
    }
    std::cout << vital << std::endl;
}
