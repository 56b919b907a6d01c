// Compares the frieze with itself anew for each length of the pattern, up to the first difference.
#include <algorithm>
#include <iostream>
#include <string>

int main() {
    std::string text;
    std::cin >> text;
    const int n = text.size();
    int least = n;
    for (int p = 1; p < n; ++p) {
        int place = p;
        while (place < n && text[place] == text[place - p]) ++place;
        if (place == n) least = std::min(least, std::max(2, (n + p - 1) / p) * p - n);
    }
    std::cout << least << '\n';
}
