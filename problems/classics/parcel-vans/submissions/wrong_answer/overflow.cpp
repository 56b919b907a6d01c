// Wrong: the load of a van does not fit into 32 bits.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, k, p;
    std::cin >> n >> k >> p;
    std::vector<unsigned> weights(n);
    for (unsigned& weight : weights) std::cin >> weight;
    if (1LL * k * p < n) {
        std::cout << "impossible\n";
        return 0;
    }
    unsigned low = *std::max_element(weights.begin(), weights.end());
    unsigned high = std::accumulate(weights.begin(), weights.end(), 0u);
    while (low < high) {
        const unsigned middle = low + (high - low) / 2;
        unsigned left = 0;
        int used = 0, room = 0;
        for (unsigned weight : weights) {
            if (weight > left || !room) {
                ++used;
                room = p;
                left = middle;
            }
            --room;
            left -= weight;
        }
        if (used <= k) high = middle;
        else low = middle + 1;
    }
    std::cout << low << '\n';
}
