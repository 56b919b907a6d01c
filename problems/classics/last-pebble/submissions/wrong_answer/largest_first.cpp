// Wrong: both players always take as many pebbles as they can.
#include <iostream>
#include <vector>

int main() {
    int k, q;
    std::cin >> k >> q;
    std::vector<int> takes(k);
    for (int& take : takes) std::cin >> take;
    while (q--) {
        int heap, turns = 0;
        std::cin >> heap;
        for (int i = k - 1; i >= 0; --i) {
            turns += heap / takes[i];
            heap %= takes[i];
        }
        std::cout << (heap ? "draw" : turns % 2 ? "first" : "second") << '\n';
    }
}
