// Each gap between sorted neighbours is crossed by (posts to its left) * (posts to its right) pairs.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    std::int64_t n;
    std::cin >> n;
    std::vector<std::int64_t> posts(n);
    for (auto& post : posts) std::cin >> post;
    std::sort(posts.begin(), posts.end());
    std::int64_t total = 0;
    for (std::int64_t left = 1; left < n; ++left) {
        total += (posts[left] - posts[left - 1]) * left * (n - left);
    }
    const std::int64_t pairs = std::max<std::int64_t>(1, n * (n - 1) / 2);
    std::printf("%.10Lf\n", static_cast<long double>(total) / pairs);
}
