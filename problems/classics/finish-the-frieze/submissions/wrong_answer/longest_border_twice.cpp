// Wrong: only tries patterns that come twice, with the longest border that is not longer than half.
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::string text;
    std::cin >> text;
    const int n = text.size();
    std::vector<int> longest(n);
    for (int place = 1, length = 0; place < n; ++place) {
        while (length && text[length] != text[place]) length = longest[length - 1];
        length += text[length] == text[place];
        longest[place] = length;
    }
    int border = longest[n - 1];
    while (2 * border > n) border = longest[border - 1];
    std::cout << n - 2 * border << '\n';
}
