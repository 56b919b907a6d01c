// Compares blocks as long as the largest power of three that leaves something; each reply fixes one digit
// of the crate's number in base three.
#include <algorithm>
#include <iostream>
#include <string>

int main() {
    long long n, power = 1;
    std::cin >> n;
    while (3 * power < n) power *= 3;
    long long first = 1, left = n;
    for (; left > 1; power /= 3) {
        const long long size = std::min(power, left / 2);
        std::cout << "? " << first << ' ' << first + size << ' ' << size << std::endl;
        std::string reply;
        std::cin >> reply;
        if (reply == "even") {
            first += 2 * size;
            left -= 2 * size;
        } else {
            if (reply == "right") first += size;
            left = size;
        }
    }
    std::cout << "! " << first << std::endl;
}
