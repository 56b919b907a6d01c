// Wrong: expects number i at position i of the sorted list, which copies of a number shift.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> tickets(n);
    for (int& ticket : tickets) std::cin >> ticket;
    std::sort(tickets.begin(), tickets.end());
    int answer = n;
    for (int i = 0; i < n; ++i) {
        if (tickets[i] != i) {
            answer = i;
            break;
        }
    }
    std::cout << answer << std::endl;
}
