// Wrong: never hires more than two sailors.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, k;
    std::cin >> n >> k;
    const long long far = 1LL << 60;
    std::vector<long long> price(1 << k, far);
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
    long long least = price.back();
    for (int a = 1; a < 1 << k; ++a)
        for (int b = 1; b < a; ++b)
            if ((a | b) == (1 << k) - 1) least = std::min(least, price[a] + price[b]);
    std::cout << (least < far ? least : -1) << '\n';
}
