// Keeps only the tours that no other tour beats in both minutes and joy, sorted by minutes.
#include <iostream>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, minutes, walk;
    std::cin >> n >> minutes >> walk;
    using Tour = std::pair<int, long long>;
    std::vector<Tour> tours = {{-walk, 0}};
    while (n--) {
        int time;
        long long joy;
        std::cin >> time >> joy;
        std::vector<Tour> merged;
        std::size_t i = 0, j = 0;
        while (i < tours.size() || j < tours.size()) {
            const bool longer = i == tours.size() ||
                (j < tours.size() && tours[j].first + time + walk < tours[i].first);
            const Tour next = longer ? Tour(tours[j].first + time + walk, tours[j].second + joy) : tours[i];
            ++(longer ? j : i);
            if (next.first > minutes) continue;
            if (!merged.empty() && merged.back().second >= next.second) continue;
            if (!merged.empty() && merged.back().first == next.first) merged.pop_back();
            merged.push_back(next);
        }
        tours.swap(merged);
    }
    std::cout << tours.back().second << '\n';
}
