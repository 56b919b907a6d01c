// Wrong: the numbers do not fit into 64 bits.
#include <iostream>

bool is_restless(long long number) {
    for (; number > 9; number /= 10)
        if (number % 10 == number / 10 % 10) return false;
    return true;
}

int main() {
    long long k, a = 0, b = 0;
    std::cin >> k >> a >> b;
    long long found = 0;
    for (long long number = b / k * k; number >= a; number -= k) found += is_restless(number);
    std::cout << found % 1000000007 << '\n';
}
