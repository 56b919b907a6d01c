// Wrong: the remainder of a negative number is negative.
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

std::vector<int> above;
std::vector<long long> ahead;
long long m;

int find(int dial) {
    if (above[dial] == dial) return dial;
    const int leader = find(above[dial]);
    ahead[dial] = (ahead[dial] + ahead[above[dial]]) % m;
    return above[dial] = leader;
}

int main() {
    int n, q;
    std::cin >> n >> m >> q;
    above.resize(n + 1);
    ahead.assign(n + 1, 0);
    std::iota(above.begin(), above.end(), 0);
    while (q--) {
        std::string kind;
        int a, b;
        long long x;
        std::cin >> kind >> a >> b;
        const int group_a = find(a), group_b = find(b);
        const long long offset = (ahead[b] - ahead[a]) % m;
        if (kind == "ask") {
            if (group_a == group_b) std::cout << offset << '\n';
            else std::cout << "open\n";
            continue;
        }
        std::cin >> x;
        if (group_a == group_b) {
            std::cout << (offset == x ? "known\n" : "false\n");
            continue;
        }
        above[group_b] = group_a;
        ahead[group_b] = (x - offset) % m;
        std::cout << "new\n";
    }
}
