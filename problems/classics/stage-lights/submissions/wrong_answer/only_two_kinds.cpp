// Wrong: sets groups of lights joined by `same` and `differ`, and turns a group round when another wish is
// not fulfilled; it never says NO for those other wishes.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<std::pair<int, int>>> around(n);
    std::vector<std::pair<int, int>> either, never;
    while (m--) {
        std::string kind;
        int a, b;
        std::cin >> kind >> a >> b;
        --a;
        --b;
        if (kind == "either") either.emplace_back(a, b);
        else if (kind == "never") never.emplace_back(a, b);
        else {
            around[a].emplace_back(b, kind == "differ");
            around[b].emplace_back(a, kind == "differ");
        }
    }
    std::vector<int> on(n, -1);
    for (int start = 0; start < n; ++start) {
        if (on[start] >= 0) continue;
        std::vector<int> group(1, start);
        on[start] = 1;
        for (std::size_t i = 0; i < group.size(); ++i)
            for (const auto& [other, differs] : around[group[i]]) {
                const int wanted = on[group[i]] ^ differs;
                if (on[other] < 0) {
                    on[other] = wanted;
                    group.push_back(other);
                } else if (on[other] != wanted) {
                    std::cout << "NO\n";
                    return 0;
                }
            }
        bool fits = true;
        for (const auto& [a, b] : either) fits = fits && (on[a] != 0 || on[b] != 0);
        for (const auto& [a, b] : never) fits = fits && !(on[a] == 1 && on[b] == 1);
        if (!fits)
            for (int light : group) on[light] ^= 1;
    }
    std::cout << "YES\n";
    for (int light : on) std::cout << light;
    std::cout << '\n';
}
