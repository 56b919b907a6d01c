// A stack of finished parts, each with one free end. A town takes all but one of its lines from the top of
// the stack, where the part with the town before it lies, and becomes a part itself.
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<int> degrees(n), parts;
    long long ends = 0;
    for (int town = 0; town < n; ++town) {
        std::cin >> degrees[town];
        ends += degrees[town];
        if (degrees[town] == 1) parts.push_back(town);
    }
    if (ends != 2LL * n - 2) {
        std::cout << "impossible\n";
        return 0;
    }
    const auto join = [&](int town) {
        std::cout << town + 1 << ' ' << parts.back() + 1 << '\n';
        parts.pop_back();
    };
    for (int town = 0; town < n; ++town) {
        if (degrees[town] == 1) continue;
        for (int line = 1; line < degrees[town]; ++line) join(town);
        parts.push_back(town);
    }
    const int last = parts.back();
    parts.pop_back();
    join(last);
}
