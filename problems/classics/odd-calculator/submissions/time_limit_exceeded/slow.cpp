// O(m^2): looks through the list of all numbers seen so far, and of the worn ones, for each new one.
#include <algorithm>
#include <iostream>
#include <list>
#include <utility>

int main() {
    int m, a, b, k;
    std::cin >> m >> a >> b >> k;
    std::list<int> worn;
    while (k--) {
        int number;
        std::cin >> number;
        worn.push_back(number);
    }
    std::list<std::pair<int, int>> seen = {{a, 0}};
    const auto is_new = [&](int shown) {
        return shown <= m && std::find(worn.begin(), worn.end(), shown) == worn.end() &&
               std::none_of(seen.begin(), seen.end(), [&](const auto& old) { return old.first == shown; });
    };
    for (const auto& [number, presses] : seen) {
        if (number == b) {
            std::cout << presses << '\n';
            return 0;
        }
        for (int shown : {number + 1, 2 * number, number / 10})
            if (is_new(shown)) seen.emplace_back(shown, presses + 1);
    }
    std::cout << "never\n";
}
