// Wrong: counts prime factors, as often as they occur, and the integer 1, but not their products.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    const int most = 300000;
    std::vector<int> factors(most + 1, 1);
    std::vector<std::vector<int>> having(1001);
    for (int n = 2; n <= most; ++n) {
        int rest = n, p = 2;
        while (p * p <= rest && rest % p) ++p;
        if (p * p > rest) p = rest;
        factors[n] = factors[rest / p] + 1;
    }
    for (int n = 1; n <= most; ++n) having[factors[n]].push_back(n);
    int q;
    std::cin >> q;
    while (q--) {
        int a, b, k;
        std::cin >> a >> b >> k;
        const auto& found = having[k];
        std::cout << std::upper_bound(found.begin(), found.end(), b) -
                         std::lower_bound(found.begin(), found.end(), a)
                  << '\n';
    }
}
