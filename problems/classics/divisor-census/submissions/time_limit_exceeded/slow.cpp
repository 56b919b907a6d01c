// Goes through all integers of each question and takes each apart into primes.
#include <iostream>
#include <vector>

int main() {
    const int most = 300000;
    std::vector<int> smallest(most + 1);
    for (int prime = 2; prime <= most; ++prime)
        if (!smallest[prime])
            for (int n = prime; n <= most; n += prime)
                if (!smallest[n]) smallest[n] = prime;
    int q;
    std::cin >> q;
    while (q--) {
        int a, b, k, found = 0;
        std::cin >> a >> b >> k;
        for (int n = a; n <= b; ++n) {
            int rest = n, divisors = 1;
            while (rest > 1) {
                int prime = smallest[rest], exponent = 1;
                while (rest % prime == 0) {
                    rest /= prime;
                    ++exponent;
                }
                divisors *= exponent;
            }
            if (divisors == k) ++found;
        }
        std::cout << found << '\n';
    }
}
