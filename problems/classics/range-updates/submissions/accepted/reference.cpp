// Segment tree: a node keeps the sum below it, and what was added to all of its range at once.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

struct Node {
    long long sum = 0;
    long long added_to_all = 0;
};

std::vector<Node> nodes;

void add(int node, int low, int high, int left, int right, long long value) {
    if (right < low || high < left) return;
    nodes[node].sum += value * (std::min(high, right) - std::max(low, left) + 1);
    if (left <= low && high <= right) {
        nodes[node].added_to_all += value;
        return;
    }
    const int middle = (low + high) / 2;
    add(2 * node, low, middle, left, right, value);
    add(2 * node + 1, middle + 1, high, left, right, value);
}

long long sum(int node, int low, int high, int left, int right) {
    if (right < low || high < left) return 0;
    if (left <= low && high <= right) return nodes[node].sum;
    const int middle = (low + high) / 2;
    const long long shared = std::min(high, right) - std::max(low, left) + 1;
    return nodes[node].added_to_all * shared + sum(2 * node, low, middle, left, right) +
           sum(2 * node + 1, middle + 1, high, left, right);
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, q;
    std::cin >> n >> q;
    nodes.resize(4 * n);
    std::string operation;
    for (int i = 0; i < q; ++i) {
        int left, right;
        std::cin >> operation >> left >> right;
        if (operation == "add") {
            long long value;
            std::cin >> value;
            add(1, 1, n, left, right, value);
        } else {
            std::cout << sum(1, 1, n, left, right) << '\n';
        }
    }
}
