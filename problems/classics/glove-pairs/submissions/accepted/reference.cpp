// From the largest right glove down: each takes the largest left glove that is still there and not too large.
#include <algorithm>
#include <iostream>
#include <set>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m, d, pairs = 0;
    std::cin >> n >> m >> d;
    std::multiset<int> left;
    for (int i = 0, size; i < n; ++i) {
        std::cin >> size;
        left.insert(size);
    }
    std::vector<int> right(m);
    for (int& size : right) std::cin >> size;
    std::sort(right.rbegin(), right.rend());
    for (int size : right) {
        auto after = left.upper_bound(size + d);
        if (after == left.begin()) continue;
        --after;
        if (*after < size - d) continue;
        left.erase(after);
        ++pairs;
    }
    std::cout << pairs << '\n';
}
