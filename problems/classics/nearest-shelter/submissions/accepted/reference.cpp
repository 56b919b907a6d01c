// Jumps instead of a stack: from a hut that is not lower go straight on to the lower hut found for it.
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
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
        int answer = west[i];
        if (east[i] <= n && (answer == 0 || east[i] - i < i - answer)) answer = east[i];
        std::cout << answer << (i < n ? ' ' : '\n');
    }
}
