// Wrong: the seconds do not fit into 32 bits.
#include <algorithm>
#include <iostream>
#include <queue>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, q, c;
    std::cin >> n >> q >> c;
    std::queue<std::pair<int, int>> queue;
    for (int i = 0; i < n; ++i) {
        int need;
        std::cin >> need;
        queue.emplace(i, need);
    }
    std::vector<int> home(n);
    unsigned now = 0;
    while (!queue.empty()) {
        auto [person, need] = queue.front();
        queue.pop();
        now += std::min(q, need);
        if (need > q) queue.emplace(person, need - q);
        else home[person] = static_cast<int>(now);
        now += c;
    }
    for (int second : home) std::cout << second << ' ';
    std::cout << '\n';
}
