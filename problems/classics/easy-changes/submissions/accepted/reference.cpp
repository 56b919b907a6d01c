// Finds the first and the last train of each bus by binary search.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m, x, y;
    std::cin >> n >> m >> x >> y;
    std::vector<int> buses(n), trains(m);
    for (int& bus : buses) std::cin >> bus;
    for (int& train : trains) std::cin >> train;
    long long easy = 0;
    for (int bus : buses)
        easy += std::upper_bound(trains.begin(), trains.end(), bus + y) -
                std::lower_bound(trains.begin(), trains.end(), bus + x);
    std::cout << easy << '\n';
}
