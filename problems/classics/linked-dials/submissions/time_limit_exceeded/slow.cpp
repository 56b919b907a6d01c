// Keeps the notes as a forest with a parent for each dial and no flattening; to join two trees, one is turned
// round so that the dial of the note becomes its root. Rows of dials make paths of length n: O(n q).
#include <iostream>
#include <string>
#include <utility>
#include <vector>

int main() {
    int n, q;
    long long m;
    std::cin >> n >> m >> q;
    std::vector<int> above(n + 1, 0);
    std::vector<long long> ahead(n + 1, 0);
    const auto climb = [&](int dial) {
        long long offset = 0;
        for (; above[dial]; dial = above[dial]) offset = (offset + ahead[dial]) % m;
        return std::make_pair(dial, offset);
    };
    while (q--) {
        std::string kind;
        int a, b;
        std::cin >> kind >> a >> b;
        const auto [root_a, offset_a] = climb(a);
        const auto [root_b, offset_b] = climb(b);
        const long long offset = (offset_b - offset_a + m) % m;
        if (kind == "ask") {
            if (root_a == root_b) std::cout << offset << '\n';
            else std::cout << "open\n";
            continue;
        }
        long long x;
        std::cin >> x;
        if (root_a == root_b) {
            std::cout << (offset == x ? "known\n" : "false\n");
            continue;
        }
        std::cout << "new\n";
        int parent = a;
        long long step = x;
        for (int dial = b; dial;) {
            const int next = above[dial];
            const long long next_step = (m - ahead[dial]) % m;
            above[dial] = parent;
            ahead[dial] = step;
            parent = dial;
            dial = next;
            step = next_step;
        }
    }
}
