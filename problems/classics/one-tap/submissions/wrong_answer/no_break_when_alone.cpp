// Wrong: no break between two turns of the same person.
#include <algorithm>
#include <iostream>
#include <queue>
#include <utility>
#include <vector>

int main() {
    int n;
    long long q, c;
    std::cin >> n >> q >> c;
    std::queue<std::pair<int, long long>> queue;
    for (int i = 0; i < n; ++i) {
        long long need;
        std::cin >> need;
        queue.emplace(i, need);
    }
    std::vector<long long> home(n);
    long long now = 0;
    int before = -1;
    while (!queue.empty()) {
        auto [person, need] = queue.front();
        queue.pop();
        if (before >= 0 && before != person) now += c;
        before = person;
        now += std::min(q, need);
        if (need > q) queue.emplace(person, need - q);
        else home[person] = now;
    }
    for (long long second : home) std::cout << second << ' ';
    std::cout << '\n';
}
