// Wrong: takes every position where two words differ for a hint; only the first one is.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, w;
    std::cin >> n >> w;
    std::vector<std::vector<int>> words(w), later(n + 1);
    std::vector<int> waits_for(n + 1, 0), order;
    for (auto& word : words) {
        int length;
        std::cin >> length;
        word.resize(length);
        for (int& letter : word) std::cin >> letter;
    }
    bool possible = true;
    for (int i = 1; i < w; ++i) {
        const auto &before = words[i - 1], &after = words[i];
        const std::size_t common = std::min(before.size(), after.size());
        bool differ = false;
        for (std::size_t j = 0; j < common; ++j) {
            if (before[j] == after[j]) continue;
            differ = true;
            later[before[j]].push_back(after[j]);
            ++waits_for[after[j]];
        }
        if (!differ && before.size() > after.size()) possible = false;
    }
    for (int letter = 1; letter <= n; ++letter) {
        if (waits_for[letter] == 0) order.push_back(letter);
    }
    for (std::size_t head = 0; head < order.size(); ++head) {
        for (int other : later[order[head]]) {
            if (--waits_for[other] == 0) order.push_back(other);
        }
    }
    if (!possible || static_cast<int>(order.size()) < n) {
        std::cout << "IMPOSSIBLE\n";
        return 0;
    }
    for (int letter : order) std::cout << letter << ' ';
    std::cout << '\n';
}
