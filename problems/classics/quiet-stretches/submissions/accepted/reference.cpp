// A binary trie of the prefixes so far, with counts. For each new prefix go down along k and add the subtrees
// in which the exclusive or falls below it.
#include <array>
#include <iostream>
#include <vector>

struct Node {
    std::array<int, 2> child{0, 0};
    int count = 0;
};

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    constexpr int top = 20;
    int n, k;
    std::cin >> n >> k;
    std::vector<Node> trie(2);
    const auto insert = [&](int value) {
        int node = 1;
        for (int bit = top; bit >= 0; --bit) {
            const int digit = value >> bit & 1;
            if (!trie[node].child[digit]) {
                trie[node].child[digit] = static_cast<int>(trie.size());
                trie.emplace_back();
            }
            node = trie[node].child[digit];
            ++trie[node].count;
        }
    };
    int prefix = 0;
    long long quiet = 0;
    insert(prefix);
    while (n--) {
        int pattern;
        std::cin >> pattern;
        prefix ^= pattern;
        int node = 1;
        for (int bit = top; bit >= 0 && node; --bit) {
            const int digit = prefix >> bit & 1;
            if (k >> bit & 1) {
                quiet += trie[trie[node].child[digit]].count;
                node = trie[node].child[1 - digit];
            } else {
                node = trie[node].child[digit];
            }
        }
        insert(prefix);
    }
    std::cout << quiet << '\n';
}
