// Each heap, once known, tells the heaps from which a choice leads to it what they can reach.
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    const int most = 50000;
    int k, q;
    std::cin >> k >> q;
    std::vector<int> takes(k);
    for (int& take : takes) std::cin >> take;
    std::vector<bool> can_win(most + 1, false), can_draw(most + 1, false);
    for (int heap = 1; heap < takes[0]; ++heap) can_draw[heap] = true;
    for (int heap = 0; heap <= most; ++heap) {
        if (can_win[heap]) continue;
        for (int take : takes) {
            if (heap + take > most) break;
            if (can_draw[heap]) can_draw[heap + take] = true;
            else can_win[heap + take] = true;
        }
    }
    while (q--) {
        int heap;
        std::cin >> heap;
        std::cout << (can_win[heap] ? "first" : can_draw[heap] ? "draw" : "second") << '\n';
    }
}
