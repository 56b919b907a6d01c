// Wrong: the sum of the prices does not fit into 32 bits.
#include <algorithm>
#include <climits>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, k;
    std::cin >> n >> k;
    const unsigned far = UINT_MAX;
    std::vector<unsigned> price(1 << k, far), least(1 << k, far);
    while (n--) {
        unsigned asked;
        int count, mask = 0;
        std::cin >> asked >> count;
        while (count--) {
            int skill;
            std::cin >> skill;
            mask |= 1 << (skill - 1);
        }
        price[mask] = std::min(price[mask], asked);
    }
    least[0] = 0;
    for (int mask = 0; mask < 1 << k; ++mask) {
        if (least[mask] == far) continue;
        for (int sailor = 1; sailor < 1 << k; ++sailor) {
            if (price[sailor] == far) continue;
            unsigned& after = least[mask | sailor];
            after = std::min(after, least[mask] + price[sailor]);
        }
    }
    if (least.back() == far) std::cout << "-1\n";
    else std::cout << int(least.back()) << '\n';
}
