// Wrong: joins the free ends in the order of the towns, whoever they belong to, even two of the same town.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> free;
    long long sum = 0;
    for (int town = 1; town <= n; ++town) {
        int degree;
        std::cin >> degree;
        sum += degree;
        free.insert(free.end(), degree, town);
    }
    if (sum != 2LL * n - 2) {
        std::cout << "impossible\n";
        return 0;
    }
    for (std::size_t i = 0; i < free.size(); i += 2) std::cout << free[i] << ' ' << free[i + 1] << '\n';
}
