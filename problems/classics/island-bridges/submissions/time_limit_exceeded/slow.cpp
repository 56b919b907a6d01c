// Joins all lines but one by union-find, for each line in turn, which is quadratic.
#include <iostream>
#include <numeric>
#include <utility>
#include <vector>

std::vector<int> leader;

int find(int island) {
    while (leader[island] != island) island = leader[island] = leader[leader[island]];
    return island;
}

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<std::pair<int, int>> lines(m);
    for (auto& [a, b] : lines) std::cin >> a >> b;
    int vital = 0;
    for (int closed = 0; closed < m; ++closed) {
        leader.resize(n + 1);
        std::iota(leader.begin(), leader.end(), 0);
        for (int k = 0; k < m; ++k) {
            if (k != closed) leader[find(lines[k].first)] = find(lines[k].second);
        }
        if (find(lines[closed].first) != find(lines[closed].second)) ++vital;
    }
    std::cout << vital << std::endl;
}
