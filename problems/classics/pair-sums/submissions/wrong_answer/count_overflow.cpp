// Wrong: the number of pairs does not fit into 32 bits.
#include <iostream>
#include <unordered_map>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, target;
    std::cin >> n >> target;
    std::unordered_map<long long, int> seen;
    int pairs = 0;
    for (int i = 0; i < n; ++i) {
        long long value;
        std::cin >> value;
        auto found = seen.find(target - value);
        if (found != seen.end()) pairs += found->second;
        ++seen[value];
    }
    std::cout << pairs << '\n';
}
