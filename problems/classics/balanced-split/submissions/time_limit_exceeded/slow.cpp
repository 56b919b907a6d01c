// Subset sums: remembers for every sum a pan can carry which weight reached it first. O(n * sum).
#include <iostream>
#include <unordered_map>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<long long> a(n + 1);
    long long total = 0;
    for (int i = 1; i <= n; ++i) {
        std::cin >> a[i];
        total += a[i];
    }
    if (total % 2) {
        std::cout << "NO\n";
        return 0;
    }
    const long long half = total / 2;
    std::unordered_map<long long, int> reached_by = {{0, 0}};
    std::vector<long long> loads = {0};
    for (int i = 1; i <= n && !reached_by.count(half); ++i) {
        const std::size_t before = loads.size();
        for (std::size_t j = 0; j < before; ++j) {
            const long long load = loads[j] + a[i];
            if (load <= half && reached_by.emplace(load, i).second) loads.push_back(load);
        }
    }
    std::vector<int> left;
    for (long long load = half; load > 0; load -= a[reached_by[load]]) left.push_back(reached_by[load]);
    std::cout << "YES\n" << left.size() << '\n';
    for (int i : left) std::cout << i << ' ';
    std::cout << '\n';
}
