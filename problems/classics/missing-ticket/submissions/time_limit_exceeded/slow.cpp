// Searches the vector for every candidate, which is quadratic.
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> tickets(n);
    for (int& ticket : tickets) std::cin >> ticket;
    for (int candidate = 0;; ++candidate) {
        bool found = false;
        for (int ticket : tickets) {
            if (ticket == candidate) {
                found = true;
                break;
            }
        }
        if (!found) {
            std::cout << candidate << std::endl;
            return 0;
        }
    }
}
