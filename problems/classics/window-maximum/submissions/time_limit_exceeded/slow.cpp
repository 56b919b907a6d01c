// O(n k): takes the maximum of every window from scratch.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, k;
    std::cin >> n >> k;
    std::vector<int> a(n);
    for (int& value : a) std::cin >> value;
    for (int i = 0; i + k <= n; ++i)
        std::cout << *std::max_element(a.begin() + i, a.begin() + i + k) << ' ';
    std::cout << '\n';
}
