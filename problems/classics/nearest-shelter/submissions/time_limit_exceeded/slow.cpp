// Goes through the huts from the lowest to the highest with a sorted list of those that are lower, and looks
// through the whole list for each: O(n^2).
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <list>
#include <numeric>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> h(n), order(n), answer(n, 0);
    for (int& x : h) std::cin >> x;
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return h[a] < h[b]; });
    std::list<int> lower;
    std::size_t done = 0;
    for (int i : order) {
        for (; h[order[done]] < h[i]; ++done) {
            auto place = lower.begin();
            while (place != lower.end() && *place < order[done]) ++place;
            lower.insert(place, order[done]);
        }
        int best = -1;
        for (int j : lower)
            if (best < 0 || std::abs(j - i) < std::abs(best - i)) best = j;
        answer[i] = best + 1;
    }
    for (int i = 0; i < n; ++i) std::cout << answer[i] << (i + 1 < n ? ' ' : '\n');
}
