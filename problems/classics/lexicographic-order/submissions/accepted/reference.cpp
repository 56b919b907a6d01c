// Depth-first search with its own stack: the reversed order in which letters are left.
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

using Graph = std::vector<std::vector<int>>;

// Adds what two neighbouring words say about the alphabet; false when they contradict every one.
bool compare(const std::vector<int>& before, const std::vector<int>& after, Graph& later) {
    const auto [a, b] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    if (a == before.end()) return true;
    if (b == after.end()) return false;
    later[*a].push_back(*b);
    return true;
}

// Appends the letters reachable from `start`, the last ones first; false when they form a cycle.
bool leave_all(int start, const Graph& later, std::vector<char>& state, std::vector<int>& left) {
    std::vector<std::pair<int, std::size_t>> stack{{start, 0}};
    state[start] = 1;
    while (!stack.empty()) {
        auto& [letter, next] = stack.back();
        if (next == later[letter].size()) {
            state[letter] = 2;
            left.push_back(letter);
            stack.pop_back();
            continue;
        }
        const int other = later[letter][next++];
        if (state[other] == 1) return false;
        if (state[other] == 0) {
            state[other] = 1;
            stack.emplace_back(other, 0);
        }
    }
    return true;
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, w;
    std::cin >> n >> w;
    Graph later(n + 1);
    std::vector<int> before, after;
    bool possible = true;
    for (int i = 0; i < w; ++i) {
        int length;
        std::cin >> length;
        after.resize(length);
        for (int& letter : after) std::cin >> letter;
        if (i > 0) possible = possible && compare(before, after, later);
        before.swap(after);
    }
    std::vector<char> state(n + 1, 0);
    std::vector<int> left;
    for (int letter = n; letter >= 1 && possible; --letter) {
        if (state[letter] == 0) possible = leave_all(letter, later, state, left);
    }
    if (!possible) {
        std::cout << "IMPOSSIBLE\n";
        return 0;
    }
    for (int i = n - 1; i >= 0; --i) std::cout << left[i] << (i ? ' ' : '\n');
}
