// The Z function: a pattern of some length fits exactly if the text from there on is a prefix of the text.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::string text;
    std::cin >> text;
    const int n = text.size();
    std::vector<int> same(n + 1);
    int left = 0, right = 0, least = n;
    for (int p = 1; p <= n; ++p) {
        if (p < right) same[p] = std::min(right - p, same[p - left]);
        while (p + same[p] < n && text[same[p]] == text[p + same[p]]) ++same[p];
        if (p + same[p] > right) {
            left = p;
            right = p + same[p];
        }
        if (p + same[p] == n) least = std::min(least, std::max(2, (n + p - 1) / p) * p - n);
    }
    std::cout << least << '\n';
}
