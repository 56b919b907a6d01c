// Builds each restless number from a to b digit by digit.
#include <iostream>
#include <string>

int k;
long long found = 0;
std::string low, high;

// Appends a digit to a beginning that is still that of `low` or of `high` if `at_low` or `at_high`.
void extend(std::size_t i, int rest, int last, bool at_low, bool at_high) {
    if (i == low.size()) {
        found += rest == 0;
        return;
    }
    const int first = at_low ? low[i] - '0' : 0, most = at_high ? high[i] - '0' : 9;
    for (int digit = first; digit <= most; ++digit)
        if (digit != last)
            extend(i + 1, (10 * rest + digit) % k, digit, at_low && digit == first, at_high && digit == most);
}

int main() {
    std::string a, b;
    std::cin >> k >> a >> b;
    for (std::size_t length = a.size(); length <= b.size(); ++length) {
        low = length == a.size() ? a : "1" + std::string(length - 1, '0');
        high = length == b.size() ? b : std::string(length, '9');
        extend(0, 0, -1, true, true);
    }
    std::cout << found % 1000000007 << '\n';
}
