// Keep the length of the current run and compare at every line.
#include <iostream>
#include <string>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::string word, previous, best = "-";
    int length = 0, best_length = 0;
    for (int i = 0; i < n; ++i) {
        std::cin >> word;
        length = word == previous ? length + 1 : 1;
        if (length > best_length || (length == best_length && word < best)) {
            best_length = length;
            best = word;
        }
        previous = word;
    }
    std::cout << best << ' ' << best_length << '\n';
}
