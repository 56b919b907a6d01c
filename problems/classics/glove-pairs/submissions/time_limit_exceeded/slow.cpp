// Searches all right gloves for each left one.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <list>
#include <vector>

int main() {
    int n, m, d, pairs = 0;
    std::cin >> n >> m >> d;
    std::vector<int> left(n);
    for (int& size : left) std::cin >> size;
    std::sort(left.begin(), left.end());
    std::list<int> right(m);
    for (int& size : right) std::cin >> size;
    for (int size : left) {
        auto best = right.end();
        for (auto other = right.begin(); other != right.end(); ++other)
            if (std::abs(size - *other) <= d && (best == right.end() || *other < *best)) best = other;
        if (best == right.end()) continue;
        right.erase(best);
        ++pairs;
    }
    std::cout << pairs << '\n';
}
