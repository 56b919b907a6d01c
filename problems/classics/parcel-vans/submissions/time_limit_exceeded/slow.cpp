// Dynamic programming: the least load for the first i parcels in v vans, O(n k p).
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, k, p;
    std::cin >> n >> k >> p;
    std::vector<long long> upto(n + 1, 0);
    for (int i = 1; i <= n; ++i) {
        std::cin >> upto[i];
        upto[i] += upto[i - 1];
    }
    const long long never = 1LL << 60;
    std::vector<long long> load(n + 1, never), next(n + 1);
    load[0] = 0;
    for (int van = 0; van < k; ++van) {
        for (int i = 0; i <= n; ++i) {
            next[i] = load[i];
            for (int j = std::max(0, i - p); j < i; ++j)
                next[i] = std::min(next[i], std::max(load[j], upto[i] - upto[j]));
        }
        load.swap(next);
    }
    if (load[n] == never) std::cout << "impossible\n";
    else std::cout << load[n] << '\n';
}
