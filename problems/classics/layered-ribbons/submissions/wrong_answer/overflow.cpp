// Wrong: the cost does not fit into 32 bits.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, k;
    std::cin >> n >> k;
    std::vector<unsigned> price(k + 1);
    for (int c = 1; c <= k; ++c) std::cin >> price[c];
    std::vector<int> row;
    while (n--) {
        int colour;
        std::cin >> colour;
        if (row.empty() || row.back() != colour) row.push_back(colour);
    }
    const int runs = row.size();
    std::vector<std::vector<unsigned>> cost(runs, std::vector<unsigned>(runs));
    for (int last = 0; last < runs; ++last) {
        cost[last][last] = price[row[last]];
        for (int first = last - 1; first >= 0; --first) {
            unsigned& best = cost[first][last];
            if (row[first] == row[last]) {
                best = cost[first][last - 1];
                continue;
            }
            best = cost[first][first] + cost[first + 1][last];
            for (int cut = first + 1; cut < last; ++cut)
                best = std::min(best, cost[first][cut] + cost[cut + 1][last]);
        }
    }
    std::cout << int(cost[0][runs - 1]) << '\n';
}
