// Wrong: adds the triples up in 32 bits.
#include <algorithm>
#include <iostream>
#include <vector>

struct Fenwick {
    std::vector<int> tree;
    explicit Fenwick(int size) : tree(size + 1, 0) {}
    void add(int node) {
        for (; node < static_cast<int>(tree.size()); node += node & -node) ++tree[node];
    }
    int count(int node) const {
        int total = 0;
        for (; node > 0; node -= node & -node) total += tree[node];
        return total;
    }
};

int main() {
    int n;
    std::cin >> n;
    std::vector<int> a(n);
    for (int& value : a) std::cin >> value;
    std::vector<int> values(a);
    std::sort(values.begin(), values.end());
    std::vector<int> larger_before(n);
    Fenwick before(n), after(n);
    for (int& value : a) value = std::lower_bound(values.begin(), values.end(), value) - values.begin() + 1;
    for (int j = 0; j < n; ++j) {
        larger_before[j] = j - before.count(a[j]);
        before.add(a[j]);
    }
    int triples = 0;
    for (int j = n - 1; j >= 0; --j) {
        triples += larger_before[j] * after.count(a[j] - 1);
        after.add(a[j]);
    }
    std::cout << triples << std::endl;
}
