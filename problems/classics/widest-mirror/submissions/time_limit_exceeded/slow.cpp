// Takes all pieces, the longest first, and looks at both ends of each until they differ: O(n^3) at worst.
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::string word;
    std::cin >> word;
    const int n = static_cast<int>(word.size());
    std::vector<int> answer(n, 0);
    int open = n;
    for (int length = n; open > 0; --length)
        for (int first = 0; first + length <= n; ++first) {
            int left = first, right = first + length - 1;
            while (left < right && word[left] == word[right]) {
                ++left;
                --right;
            }
            if (left < right) continue;
            for (int i = first; i < first + length; ++i)
                if (!answer[i]) {
                    answer[i] = length;
                    --open;
                }
        }
    for (int i = 0; i < n; ++i) std::cout << answer[i] << (i + 1 < n ? ' ' : '\n');
}
