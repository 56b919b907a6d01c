// Keeps how often each pattern ends at the lamp before, in a map; every map is made anew: O(n^2 log n).
#include <iostream>
#include <map>

int main() {
    int n, k;
    std::cin >> n >> k;
    std::map<int, int> ending;
    long long quiet = 0;
    while (n--) {
        int pattern;
        std::cin >> pattern;
        std::map<int, int> next;
        for (const auto& [value, times] : ending) next[value ^ pattern] += times;
        ++next[pattern];
        ending.swap(next);
        for (const auto& [value, times] : ending)
            if (value < k) quiet += times;
    }
    std::cout << quiet << '\n';
}
