// Runs of one colour count once. If both ends of a row have the same colour, one ribbon below all the others
// shows both; if not, no ribbon need cross some place between.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, k;
    std::cin >> n >> k;
    std::vector<long long> price(k + 1);
    for (int c = 1; c <= k; ++c) std::cin >> price[c];
    std::vector<int> row;
    while (n--) {
        int colour;
        std::cin >> colour;
        if (row.empty() || row.back() != colour) row.push_back(colour);
    }
    const int runs = row.size();
    std::vector<std::vector<long long>> cost(runs, std::vector<long long>(runs));
    for (int last = 0; last < runs; ++last) {
        cost[last][last] = price[row[last]];
        for (int first = last - 1; first >= 0; --first) {
            long long& best = cost[first][last];
            if (row[first] == row[last]) {
                best = cost[first][last - 1];
                continue;
            }
            best = cost[first][first] + cost[first + 1][last];
            for (int cut = first + 1; cut < last; ++cut)
                best = std::min(best, cost[first][cut] + cost[cut + 1][last]);
        }
    }
    std::cout << cost[0][runs - 1] << '\n';
}
