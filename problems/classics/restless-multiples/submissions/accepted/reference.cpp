// In how many ways can a number with some rest and some last digit be continued by `length` more digits? With
// that, walks along the digits of each bound and branches off to every smaller digit.
#include <array>
#include <iostream>
#include <string>
#include <vector>

constexpr long long kModulus = 1'000'000'007;
int k;
std::vector<std::vector<std::array<long long, 10>>> ways;

void continue_by(std::size_t most) {
    ways.assign(most + 1, std::vector<std::array<long long, 10>>(k, std::array<long long, 10>{}));
    ways[0][0].fill(1);
    for (std::size_t length = 1; length <= most; ++length)
        for (int rest = 0; rest < k; ++rest)
            for (int last = 0; last < 10; ++last) {
                long long sum = 0;
                for (int digit = 0; digit < 10; ++digit)
                    if (digit != last) sum += ways[length - 1][(10 * rest + digit) % k][digit];
                ways[length][rest][last] = sum % kModulus;
            }
}

// Counts those below the bound; `reached` tells whether the bound is one itself.
long long count(const std::string& bound, bool& reached) {
    long long sum = 0;
    for (std::size_t length = 1; length < bound.size(); ++length)
        for (int first = 1; first < 10; ++first) sum += ways[length - 1][first % k][first];
    int rest = 0, last = -1;
    reached = false;
    for (std::size_t i = 0; i < bound.size(); ++i) {
        const int digit = bound[i] - '0';
        for (int smaller = i == 0; smaller < digit; ++smaller)
            if (smaller != last) sum += ways[bound.size() - 1 - i][(10 * rest + smaller) % k][smaller];
        if (digit == last) return sum % kModulus;
        rest = (10 * rest + digit) % k;
        last = digit;
    }
    reached = rest == 0;
    return sum % kModulus;
}

int main() {
    std::string a, b;
    std::cin >> k >> a >> b;
    continue_by(b.size());
    bool a_counts, b_counts;
    const long long below_a = count(a, a_counts), below_b = count(b, b_counts);
    std::cout << (below_b + b_counts - below_a + kModulus) % kModulus << '\n';
}
