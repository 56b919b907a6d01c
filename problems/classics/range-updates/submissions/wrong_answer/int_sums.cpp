// Wrong: sums of many counters do not fit into 32 bits.
#include <iostream>
#include <string>
#include <vector>

int n;
std::vector<int> slope, offset;

void change(int position, int value) {
    for (int i = position; i <= n; i += i & -i) {
        slope[i] += value;
        offset[i] += value * (position - 1);
    }
}

int prefix(int position) {
    int a = 0, b = 0;
    for (int i = position; i > 0; i -= i & -i) {
        a += slope[i];
        b += offset[i];
    }
    return a * position - b;
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int q;
    std::cin >> n >> q;
    slope.resize(n + 1);
    offset.resize(n + 1);
    std::string kind;
    for (int i = 0; i < q; ++i) {
        int left, right;
        std::cin >> kind >> left >> right;
        if (kind == "add") {
            int value;
            std::cin >> value;
            change(left, value);
            change(right + 1, -value);
        } else {
            std::cout << prefix(right) - prefix(left - 1) << '\n';
        }
    }
}
