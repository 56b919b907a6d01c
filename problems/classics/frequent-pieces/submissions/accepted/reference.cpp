// A suffix array: k suffixes in a row begin with the same pieces; those that the suffix before them begins with,
// too, were counted there.
#include <algorithm>
#include <deque>
#include <iostream>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    int n, k;
    std::string text;
    std::cin >> n >> k >> text;
    std::vector<int> order(n), rank(text.begin(), text.end()), next(n);
    std::iota(order.begin(), order.end(), 0);
    for (int width = 1;; width *= 2) {
        auto key = [&](int i) { return std::pair(rank[i], i + width < n ? rank[i + width] : -1); };
        std::sort(order.begin(), order.end(), [&](int a, int b) { return key(a) < key(b); });
        next[order[0]] = 0;
        for (int i = 1; i < n; ++i) next[order[i]] = next[order[i - 1]] + (key(order[i - 1]) < key(order[i]));
        rank = next;
        if (rank[order[n - 1]] == n - 1) break;
    }
    std::vector<int> common(n + 1);  // with the suffix before, in sorted order
    for (int i = 0, length = 0; i < n; ++i) {
        if (rank[i]) {
            const int j = order[rank[i] - 1];
            while (std::max(i, j) + length < n && text[i + length] == text[j + length]) ++length;
            common[rank[i]] = length;
        }
        if (length) --length;
    }
    long long pieces = 0;
    std::deque<int> smallest;  // places with the smallest common lengths of the window, increasing
    for (int end = 0; end < n; ++end) {
        const int first = end - k + 1;
        while (!smallest.empty() && common[smallest.back()] >= common[end]) smallest.pop_back();
        smallest.push_back(end);
        while (smallest.front() <= first && smallest.size() > 1) smallest.pop_front();
        if (first < 0) continue;
        const int together = k == 1 ? n - order[first] : common[smallest.front()];
        pieces += std::max(0, together - common[first]);
    }
    std::cout << pieces << '\n';
}
