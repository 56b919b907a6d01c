// Finds out about all smaller heaps anew for each heap.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int k, q;
    std::cin >> k >> q;
    std::vector<int> takes(k);
    for (int& take : takes) std::cin >> take;
    while (q--) {
        int asked;
        std::cin >> asked;
        std::vector<int> outcome(asked + 1, -1);
        for (int heap = 1; heap <= asked; ++heap) {
            if (heap < takes[0]) outcome[heap] = 0;
            for (int take : takes)
                if (take <= heap) outcome[heap] = std::max(outcome[heap], -outcome[heap - take]);
        }
        std::cout << (outcome[asked] > 0 ? "first" : outcome[asked] ? "second" : "draw") << '\n';
    }
}
