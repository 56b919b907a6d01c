// Counts the routes of each length one after the other, going over all channels each time.
#include <iostream>
#include <utility>
#include <vector>

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<std::pair<int, int>> channels(m);
    std::vector<long long> here(n + 1, 1), then;
    std::vector<bool> mouth(n + 1, true);
    for (auto& [a, b] : channels) {
        std::cin >> a >> b;
        mouth[a] = false;
        here[b] = 0;
    }
    here[0] = 0;
    long long total = 0;
    for (bool any = true; any; here.swap(then)) {
        then.assign(n + 1, 0);
        any = false;
        for (int lake = 1; lake <= n; ++lake) {
            if (mouth[lake]) total += here[lake];
            any = any || here[lake] > 0;
        }
        for (const auto& [a, b] : channels) then[b] = (then[b] + here[a]) % 998244353;
    }
    std::cout << total % 998244353 << '\n';
}
