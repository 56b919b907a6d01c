// O(n^2): the least number of hours in which c of the orders looked at so far can be done, for each c.
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<std::pair<long long, long long>> orders(n);
    for (auto& [due, time] : orders) std::cin >> time >> due;
    std::sort(orders.begin(), orders.end());
    const long long never = 1LL << 60;
    std::vector<long long> hours(n + 1, never);
    hours[0] = 0;
    for (const auto& [due, time] : orders)
        for (int count = n; count > 0; --count)
            if (hours[count - 1] + time <= due && hours[count - 1] + time < hours[count])
                hours[count] = hours[count - 1] + time;
    int most = n;
    while (hours[most] == never) --most;
    std::cout << most << ' ' << hours[most] << '\n';
}
