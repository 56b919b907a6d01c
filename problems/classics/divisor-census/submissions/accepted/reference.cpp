// The smallest prime factor of each integer gives its number of divisors. Questions are answered while the
// integers are counted in order: up to b, minus up to a - 1.
#include <iostream>
#include <vector>

struct Part {
    int question, k, sign;
};

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    const int most = 300000;
    std::vector<int> smallest(most + 1), divisors(most + 1, 1), seen(1001);
    for (int prime = 2; prime <= most; ++prime)
        if (!smallest[prime])
            for (int n = prime; n <= most; n += prime)
                if (!smallest[n]) smallest[n] = prime;
    int q;
    std::cin >> q;
    std::vector<std::vector<Part>> due(most + 1);
    std::vector<int> answer(q);
    for (int i = 0; i < q; ++i) {
        int a, b, k;
        std::cin >> a >> b >> k;
        due[b].push_back({i, k, 1});
        due[a - 1].push_back({i, k, -1});
    }
    for (int n = 1; n <= most; ++n) {
        int rest = n, exponent = 0;
        while (n > 1 && rest % smallest[n] == 0) {
            rest /= smallest[n];
            ++exponent;
        }
        divisors[n] = n > 1 ? divisors[rest] * (exponent + 1) : 1;
        ++seen[divisors[n]];
        for (const Part& part : due[n]) answer[part.question] += part.sign * seen[part.k];
    }
    for (int each : answer) std::cout << each << '\n';
}
