// Wrong: a later mirror paints over an earlier one, though it may be shorter.
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::string word;
    std::cin >> word;
    const int n = static_cast<int>(word.size());
    std::vector<int> answer(n, 1);
    for (int middle = 0; middle < 2 * n - 1; ++middle) {
        int left = middle / 2, right = (middle + 1) / 2;
        while (left >= 0 && right < n && word[left] == word[right]) {
            --left;
            ++right;
        }
        const int length = right - left - 1;
        if (length > 1)
            for (int i = left + 1; i < right; ++i) answer[i] = length;
    }
    for (int i = 0; i < n; ++i) std::cout << answer[i] << (i + 1 < n ? ' ' : '\n');
}
