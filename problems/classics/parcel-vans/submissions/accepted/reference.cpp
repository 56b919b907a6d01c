// Sets the bits of the largest load that is too small from the highest to the lowest; the end of what a van
// takes is looked up in the prefix sums.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    long long n, k, p;
    std::cin >> n >> k >> p;
    std::vector<long long> upto(n + 1, 0);
    for (int i = 1; i <= n; ++i) {
        std::cin >> upto[i];
        upto[i] += upto[i - 1];
    }
    if (k * p < n) {
        std::cout << "impossible\n";
        return 0;
    }
    const auto suffices = [&](long long load) {
        long long done = 0;
        for (int van = 0; van < k && done < n; ++van) {
            const auto end = upto.begin() + std::min(n, done + p) + 1;
            done = std::upper_bound(upto.begin() + done, end, upto[done] + load) - upto.begin() - 1;
        }
        return done == n;
    };
    long long too_small = 0;
    for (long long bit = 1LL << 45; bit; bit /= 2)
        if (!suffices(too_small + bit)) too_small += bit;
    std::cout << too_small + 1 << '\n';
}
