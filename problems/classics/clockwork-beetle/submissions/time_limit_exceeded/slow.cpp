// Makes every jump.
#include <iostream>
#include <vector>

int main() {
    int n;
    long long minutes, made = 0;
    std::cin >> n >> minutes;
    std::vector<int> jump(n), rest(n);
    for (int& x : jump) std::cin >> x;
    for (int& x : rest) std::cin >> x;
    int here = 0;
    while (minutes >= rest[here]) {
        minutes -= rest[here];
        here = (here + jump[here]) % n;
        ++made;
    }
    std::cout << here + 1 << ' ' << made << '\n';
}
