// Chair by chair: someone from the country with the most guests still standing, but not the neighbour's; of
// equally large countries the first guest's comes first, so that the last chair is not left to it.
#include <algorithm>
#include <iostream>
#include <map>
#include <queue>
#include <tuple>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::map<int, std::vector<int>> guests;
    for (int i = 1; i <= n; ++i) {
        int country;
        std::cin >> country;
        guests[country].push_back(i);
    }
    std::size_t most = 0;
    int first = 0;
    for (const auto& [country, group] : guests)
        if (group.size() > most) {
            most = group.size();
            first = country;
        }
    if (2 * most > static_cast<std::size_t>(n)) {
        std::cout << "NO\n";
        return 0;
    }
    std::priority_queue<std::tuple<std::size_t, bool, int>> standing;
    for (const auto& [country, group] : guests) standing.emplace(group.size(), country == first, country);
    std::cout << "YES\n";
    std::tuple<std::size_t, bool, int> last{0, false, 0};
    for (int chair = 0; chair < n; ++chair) {
        const auto [size, is_first, country] = standing.top();
        standing.pop();
        std::cout << guests[country].back() << (chair + 1 < n ? ' ' : '\n');
        guests[country].pop_back();
        if (std::get<0>(last)) standing.push(last);
        last = {size - 1, is_first, country};
    }
}
