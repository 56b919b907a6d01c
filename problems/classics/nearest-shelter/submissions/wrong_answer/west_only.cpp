// Wrong: looks east only when nothing in the west is lower, however far that is.
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> h(n + 2, -1), west(n + 2), east(n + 2);
    for (int i = 1; i <= n; ++i) std::cin >> h[i];
    for (int i = 1; i <= n; ++i) {
        west[i] = i - 1;
        while (h[west[i]] >= h[i]) west[i] = west[west[i]];
    }
    for (int i = n; i >= 1; --i) {
        east[i] = i + 1;
        while (h[east[i]] >= h[i]) east[i] = east[east[i]];
    }
    for (int i = 1; i <= n; ++i) {
        const int answer = west[i] ? west[i] : east[i] <= n ? east[i] : 0;
        std::cout << answer << (i < n ? ' ' : '\n');
    }
}
