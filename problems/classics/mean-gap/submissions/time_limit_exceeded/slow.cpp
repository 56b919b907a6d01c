// Adds up all pairs, which is quadratic.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> posts(n);
    for (int& post : posts) std::cin >> post;
    long long total = 0, pairs = 0;
    for (int i = 0; i < n; ++i) {
        for (int j = i + 1; j < n; ++j) {
            total += std::abs(posts[i] - posts[j]);
            ++pairs;
        }
    }
    std::printf("%.9f\n", pairs ? static_cast<double>(total) / pairs : 0.0);
}
