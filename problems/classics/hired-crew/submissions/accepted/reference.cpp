// Shortest way from no skill to all: each step adds the skills of a sailor; of sailors with exactly the same
// skills only the cheapest matters.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, k;
    std::cin >> n >> k;
    const long long far = 1LL << 60;
    std::vector<long long> price(1 << k, far), least(1 << k, far);
    while (n--) {
        long long asked;
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
            long long& after = least[mask | sailor];
            after = std::min(after, least[mask] + price[sailor]);
        }
    }
    std::cout << (least.back() < far ? least.back() : -1) << '\n';
}
