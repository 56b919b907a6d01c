// Goes up from the ground with the change, as an exclusive or, that a cut above a point has to make to its
// value. A stem whose share would have to change to 0 is a winning cut.
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<std::vector<int>> above(n + 1);
    std::vector<int> parent(n + 1, 0), value(n + 1, 0);
    for (int stem = 1; stem <= n; ++stem) {
        std::cin >> parent[stem];
        above[parent[stem]].push_back(stem);
    }
    for (int stem = n; stem >= 0; --stem)
        for (int next : above[stem]) value[stem] ^= value[next] + 1;
    int count = 0, smallest = 0;
    std::vector<std::pair<int, int>> todo{{0, value[0]}};
    while (!todo.empty()) {
        const auto [point, change] = todo.back();
        todo.pop_back();
        for (int stem : above[point]) {
            const int now = value[stem] + 1, then = now ^ change;
            if (then > 0) {
                todo.emplace_back(stem, value[stem] ^ (then - 1));
                continue;
            }
            ++count;
            smallest = smallest ? std::min(smallest, stem) : stem;
        }
    }
    std::cout << count << ' ' << smallest << '\n';
}
