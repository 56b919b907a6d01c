// Doubling: from every cell, where 2^k jumps lead and how long they take; then the highest power first. As
// each rest takes a minute at least, powers up to T are enough.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    long long left;
    std::cin >> n >> left;
    const long long too_long = left + 1;
    std::vector<std::vector<int>> to(1, std::vector<int>(n));
    std::vector<std::vector<long long>> takes(1, std::vector<long long>(n));
    for (int i = 0; i < n; ++i) {
        std::cin >> to[0][i];
        to[0][i] = (to[0][i] + i) % n;
    }
    for (long long& x : takes[0]) {
        std::cin >> x;
        x = std::min(x, too_long);
    }
    while ((1LL << to.size()) <= left) {
        const auto& last = to.back();
        const auto& time = takes.back();
        std::vector<int> next(n);
        std::vector<long long> sum(n);
        for (int i = 0; i < n; ++i) {
            next[i] = last[last[i]];
            sum[i] = std::min(time[i] + time[last[i]], too_long);
        }
        to.push_back(next);
        takes.push_back(sum);
    }
    int here = 0;
    long long made = 0;
    for (int k = static_cast<int>(to.size()) - 1; k >= 0; --k) {
        if (takes[k][here] > left) continue;
        left -= takes[k][here];
        here = to[k][here];
        made += 1LL << k;
    }
    std::cout << here + 1 << ' ' << made << '\n';
}
