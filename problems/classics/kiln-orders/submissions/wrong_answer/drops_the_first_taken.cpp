// Wrong: when an order is late, the one with the earliest due hour goes, not the longest.
#include <algorithm>
#include <iostream>
#include <queue>
#include <utility>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<std::pair<long long, long long>> orders(n);
    for (auto& [due, time] : orders) std::cin >> time >> due;
    std::sort(orders.begin(), orders.end());
    std::queue<long long> taken;
    long long hours = 0;
    for (const auto& [due, time] : orders) {
        taken.push(time);
        hours += time;
        while (hours > due) {
            hours -= taken.front();
            taken.pop();
        }
    }
    std::cout << taken.size() << ' ' << hours << '\n';
}
