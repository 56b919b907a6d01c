// The longest mirror around each letter and each gap by hashing and bisection; then a sweep from the left
// keeps the mirrors that have begun in a heap, the longest on top, and drops those that have ended.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <queue>
#include <string>
#include <utility>
#include <vector>

constexpr std::uint64_t prime = (1ULL << 61) - 1, base = 1'000'003'271'828'182ULL;

std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    const std::uint64_t low = product & prime, high = product >> 61, sum = low + high;
    return sum >= prime ? sum - prime : sum;
}

struct Hash {
    std::vector<std::uint64_t> sum{0}, power{1};

    explicit Hash(const std::string& word) {
        for (char letter : word) {
            sum.push_back((multiply(sum.back(), base) + letter) % prime);
            power.push_back(multiply(power.back(), base));
        }
    }

    std::uint64_t of(int first, int last) const {
        return (sum[last] + prime - multiply(sum[first], power[last - first])) % prime;
    }
};

int main() {
    std::string word;
    std::cin >> word;
    const int n = static_cast<int>(word.size());
    const Hash forth(word), back(std::string(word.rbegin(), word.rend()));
    std::vector<std::vector<std::pair<int, int>>> beginning(n);
    for (int middle = 0; middle < 2 * n - 1; ++middle) {
        // To the left lie the letters before `left`, to the right those from `right` on.
        const int left = (middle + 1) / 2, right = middle / 2 + 1;
        int low = 0, high = std::min(left, n - right);
        while (low < high) {
            const int half = (low + high + 1) / 2;
            if (forth.of(right, right + half) == back.of(n - left, n - left + half)) low = half;
            else high = half - 1;
        }
        const int first = left - low, last = right + low;
        if (first < last) beginning[first].emplace_back(last - first, last);
    }
    std::priority_queue<std::pair<int, int>> open;
    for (int i = 0; i < n; ++i) {
        for (const auto& mirror : beginning[i]) open.push(mirror);
        while (open.top().second <= i) open.pop();
        std::cout << open.top().first << (i + 1 < n ? ' ' : '\n');
    }
}
