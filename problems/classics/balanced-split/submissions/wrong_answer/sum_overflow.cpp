// Wrong: the sum of the weights does not fit into 32 bits.
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<int> a(n + 1);
    int total = 0;
    for (int i = 1; i <= n; ++i) {
        std::cin >> a[i];
        total += a[i];
    }
    if (total % 2) {
        std::cout << "NO\n";
        return 0;
    }
    int missing = total / 2;
    std::vector<int> left;
    for (int i = n; i >= 1; --i)
        if (a[i] <= missing) {
            missing -= a[i];
            left.push_back(i);
        }
    std::cout << "YES\n" << left.size() << '\n';
    for (int i : left) std::cout << i << ' ';
    std::cout << '\n';
}
