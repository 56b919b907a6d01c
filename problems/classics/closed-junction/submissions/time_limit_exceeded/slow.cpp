// Closes the junctions one by one and joins what is left by union-find: O(n m).
#include <iostream>
#include <numeric>
#include <utility>
#include <vector>

std::vector<int> leader;
std::vector<long long> size_of;

int find(int a) {
    while (leader[a] != a) a = leader[a] = leader[leader[a]];
    return a;
}

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<std::pair<int, int>> streets(m);
    for (auto& [a, b] : streets) std::cin >> a >> b;
    const auto joined_pairs = [&](int closed) {
        leader.resize(n + 1);
        std::iota(leader.begin(), leader.end(), 0);
        size_of.assign(n + 1, 1);
        long long pairs = 0;
        for (const auto& [a, b] : streets) {
            if (a == closed || b == closed) continue;
            int x = find(a), y = find(b);
            if (x == y) continue;
            if (size_of[x] < size_of[y]) std::swap(x, y);
            pairs += size_of[x] * size_of[y];
            leader[y] = x;
            size_of[x] += size_of[y];
        }
        return pairs;
    };
    const long long before = joined_pairs(0);
    std::vector<long long> reachable(n + 1);
    for (int a = 1; a <= n; ++a) reachable[a] = size_of[find(a)] - 1;
    long long worst = -1;
    int answer = 0;
    for (int closed = 1; closed <= n; ++closed) {
        const long long damage = before - reachable[closed] - joined_pairs(closed);
        if (damage > worst) {
            worst = damage;
            answer = closed;
        }
    }
    std::cout << answer << ' ' << worst << '\n';
}
