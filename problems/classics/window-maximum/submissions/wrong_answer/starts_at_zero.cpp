// Wrong: the maximum of a block starts at 0, so windows of negative numbers get 0.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, k;
    std::cin >> n >> k;
    std::vector<int> a(n), prefix(n), suffix(n);
    for (int& value : a) std::cin >> value;

    int best = 0;
    for (int i = 0; i < n; ++i) {
        if (i % k == 0) best = 0;
        prefix[i] = best = std::max(best, a[i]);
    }
    best = 0;
    for (int i = n - 1; i >= 0; --i) {
        if (i % k == k - 1) best = 0;
        suffix[i] = best = std::max(best, a[i]);
    }
    for (int i = 0; i + k <= n; ++i) std::cout << std::max(suffix[i], prefix[i + k - 1]) << ' ';
    std::cout << '\n';
}
