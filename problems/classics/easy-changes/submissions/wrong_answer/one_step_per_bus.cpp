// Wrong: moves either end of the stretch of trains at most one train forward per bus.
#include <iostream>
#include <vector>

int main() {
    int n, m, x, y;
    std::cin >> n >> m >> x >> y;
    std::vector<int> buses(n), trains(m);
    for (int& bus : buses) std::cin >> bus;
    for (int& train : trains) std::cin >> train;
    long long easy = 0;
    int first = 0, end = 0;
    for (int bus : buses) {
        if (first < m && trains[first] < bus + x) ++first;
        if (end < m && trains[end] <= bus + y) ++end;
        easy += end - first;
    }
    std::cout << easy << '\n';
}
