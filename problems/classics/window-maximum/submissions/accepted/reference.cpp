// Cut the list into blocks of k: every window is the end of one block and the start of the next.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, k;
    std::cin >> n >> k;
    std::vector<int> from_start(n), to_end(n);
    for (int i = 0; i < n; ++i) {
        std::cin >> to_end[i];
        from_start[i] = i % k ? std::max(from_start[i - 1], to_end[i]) : to_end[i];
    }
    for (int i = n - 2; i >= 0; --i)
        if ((i + 1) % k) to_end[i] = std::max(to_end[i], to_end[i + 1]);
    for (int i = 0; i + k <= n; ++i)
        std::cout << std::max(to_end[i], from_start[i + k - 1]) << (i + k < n ? ' ' : '\n');
}
