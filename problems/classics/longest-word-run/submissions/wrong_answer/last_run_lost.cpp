// Wrong: a run is looked at only when the next word differs, so the last one is never counted.
#include <iostream>
#include <string>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::string word, current, best = "-";
    int length = 0, best_length = 0;
    for (int i = 0; i < n; ++i) {
        std::cin >> word;
        if (word == current) {
            ++length;
            continue;
        }
        if (length > best_length || (length == best_length && current < best)) {
            best_length = length;
            best = current;
        }
        current = word;
        length = 1;
    }
    std::cout << best << ' ' << best_length << '\n';
}
