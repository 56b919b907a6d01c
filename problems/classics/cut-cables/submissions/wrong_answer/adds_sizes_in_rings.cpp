// Wrong: adds the sizes even when a cable joins two stations of the same cluster.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

std::vector<int> leader, size_of;
int largest = 1;

int find(int a) {
    while (leader[a] != a) a = leader[a] = leader[leader[a]];
    return a;
}

void add(int a, int b) {
    a = find(a), b = find(b);
    leader[b] = a;
    size_of[a] += size_of[b];
    largest = std::max(largest, size_of[a]);
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m, q;
    std::cin >> n >> m >> q;
    leader.resize(n + 1);
    std::iota(leader.begin(), leader.end(), 0);
    size_of.assign(n + 1, 1);
    std::vector<int> a(m + 1), b(m + 1), order(q), answers;
    for (int k = 1; k <= m; ++k) std::cin >> a[k] >> b[k];
    std::vector<bool> is_cut(m + 1, false);
    for (int& k : order) {
        std::cin >> k;
        is_cut[k] = true;
    }
    for (int k = 1; k <= m; ++k)
        if (!is_cut[k]) add(a[k], b[k]);
    std::reverse(order.begin(), order.end());
    for (int k : order) {
        answers.push_back(largest);
        add(a[k], b[k]);
    }
    std::reverse(answers.begin(), answers.end());
    for (int answer : answers) std::cout << answer << '\n';
}
