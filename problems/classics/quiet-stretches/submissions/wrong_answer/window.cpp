// Wrong: moves a window as if a longer stretch always had the larger pattern.
#include <iostream>
#include <vector>

int main() {
    int n, k;
    std::cin >> n >> k;
    std::vector<int> pattern(n);
    for (int& a : pattern) std::cin >> a;
    long long quiet = 0;
    int value = 0, start = 0;
    for (int end = 0; end < n; ++end) {
        value ^= pattern[end];
        while (start <= end && value >= k) value ^= pattern[start++];
        quiet += end - start + 1;
    }
    std::cout << quiet << '\n';
}
