// Fill the left pan up to half of the sum, from the last weight to the first. What is missing never
// exceeds the sum of the weights to come: one that is too heavy weighs at most 1 more than they do.
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
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
    long long missing = total / 2;
    std::vector<int> left;
    for (int i = n; i >= 1; --i) {
        if (a[i] > missing) continue;
        missing -= a[i];
        left.push_back(i);
    }
    std::cout << "YES\n" << left.size() << '\n';
    for (int i : left) std::cout << i << ' ';
    std::cout << '\n';
}
