// O(n^2) when runs are long: measures the run anew from every line.
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    int n;
    std::cin >> n;
    std::vector<std::string> words(n);
    for (auto& word : words) std::cin >> word;

    std::string best = "-";
    int best_length = 0;
    for (int start = 0; start < n; ++start) {
        int end = start;
        while (end < n && words[end] == words[start]) ++end;
        const int length = end - start;
        if (length > best_length || (length == best_length && words[start] < best)) {
            best = words[start];
            best_length = length;
        }
    }
    std::cout << best << ' ' << best_length << '\n';
}
