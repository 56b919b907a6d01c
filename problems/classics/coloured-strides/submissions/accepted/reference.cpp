// x^n modulo the characteristic polynomial of the recurrence says how the number of ways to go n units is made
// of those to go 0 to k - 1 units.
#include <iostream>
#include <vector>

using Polynomial = std::vector<unsigned long long>;
const unsigned long long mod = 1000000007;
int k;
std::vector<unsigned long long> colours;

Polynomial product(const Polynomial& a, const Polynomial& b) {
    Polynomial result(2 * k);
    for (int i = 0; i < k; ++i)
        for (int j = 0; j < k; ++j) result[i + j] = (result[i + j] + a[i] * b[j]) % mod;
    for (int i = 2 * k - 1; i >= k; --i)
        for (int j = 1; j <= k; ++j) result[i - j] = (result[i - j] + result[i] * colours[j - 1]) % mod;
    result.resize(k);
    return result;
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int q;
    std::cin >> k >> q;
    colours.resize(k);
    for (auto& count : colours) std::cin >> count;
    std::vector<unsigned long long> first(k);
    for (int n = 0; n < k; ++n) {
        first[n] = n == 0;
        for (int i = 1; i <= n; ++i) first[n] = (first[n] + colours[i - 1] * first[n - i]) % mod;
    }
    Polynomial x(k), one(k);
    one[0] = 1;
    if (k > 1) x[1] = 1;
    else x[0] = colours[0] % mod;
    std::vector<Polynomial> squares{x};
    while (squares.size() < 60) squares.push_back(product(squares.back(), squares.back()));
    while (q--) {
        long long n;
        std::cin >> n;
        Polynomial power = one;
        for (int bit = 0; bit < 60; ++bit)
            if (n >> bit & 1) power = product(power, squares[bit]);
        unsigned long long ways = 0;
        for (int i = 0; i < k; ++i) ways = (ways + power[i] * first[i]) % mod;
        std::cout << ways << '\n';
    }
}
