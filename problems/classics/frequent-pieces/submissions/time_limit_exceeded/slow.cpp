// Sorts the suffixes by comparing them letter by letter, which is slow when they begin alike.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

int main() {
    int n, k;
    std::string text;
    std::cin >> n >> k >> text;
    auto common = [&](int a, int b) {
        int length = 0;
        while (std::max(a, b) + length < n && text[a + length] == text[b + length]) ++length;
        return length;
    };
    std::vector<int> order(n);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        const int same = common(a, b);
        if (std::max(a, b) + same == n) return a > b;
        return text[a + same] < text[b + same];
    });
    long long pieces = 0;
    for (int first = 0; first + k <= n; ++first) {
        const int before = first ? common(order[first - 1], order[first]) : 0;
        pieces += std::max(0, common(order[first], order[first + k - 1]) - before);
    }
    std::cout << pieces << '\n';
}
