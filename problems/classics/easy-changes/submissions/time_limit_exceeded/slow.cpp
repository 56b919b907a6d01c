// O(n m): goes through the trains from the first one on for each bus, until they leave too late.
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
        for (int train : trains) {
            if (train > bus + y) break;
            if (train >= bus + x) ++easy;
        }
    std::cout << easy << '\n';
}
