// The right idea centimetre by centimetre: O(n^3).
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, k;
    std::cin >> n >> k;
    std::vector<long long> price(k + 1);
    for (int c = 1; c <= k; ++c) std::cin >> price[c];
    std::vector<int> row(n);
    for (int& colour : row) std::cin >> colour;
    std::vector<std::vector<long long>> cost(n + 1, std::vector<long long>(n + 1, 0));
    for (int first = n - 1; first >= 0; --first) {
        for (int end = first + 1; end <= n; ++end) {
            long long best = price[row[first]] + cost[first + 1][end];
            for (int later = first + 1; later < end; ++later)
                if (row[later] == row[first])
                    best = std::min(best, cost[first + 1][later] + cost[later][end]);
            cost[first][end] = best;
        }
    }
    std::cout << cost[0][n] << '\n';
}
