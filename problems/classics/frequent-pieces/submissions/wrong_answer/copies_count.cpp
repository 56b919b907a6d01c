// Wrong: states that are copies of others count as one more place where their pieces end.
#include <algorithm>
#include <iostream>
#include <map>
#include <numeric>
#include <string>
#include <vector>

int main() {
    int n, k;
    std::string text;
    std::cin >> n >> k >> text;
    std::vector<int> size{0}, link{-1};
    std::vector<std::map<char, int>> after(1);
    int last = 0;
    for (char letter : text) {
        const int state = size.size();
        size.push_back(size[last] + 1);
        link.push_back(0);
        after.emplace_back();
        for (; last >= 0 && !after[last].count(letter); last = link[last]) after[last][letter] = state;
        if (last >= 0) {
            const int other = after[last][letter];
            link[state] = other;
            if (size[other] != size[last] + 1) {
                const int copy = size.size();
                size.push_back(size[last] + 1);
                link.push_back(link[other]);
                after.push_back(after[other]);
                link[state] = link[other] = copy;
                for (; last >= 0 && after[last][letter] == other; last = link[last]) after[last][letter] = copy;
            }
        }
        last = state;
    }
    std::vector<int> order(size.size() - 1), ends(size.size(), 1);
    std::iota(order.begin(), order.end(), 1);
    std::sort(order.begin(), order.end(), [&](int a, int b) { return size[a] > size[b]; });
    long long pieces = 0;
    for (int state : order) {
        if (ends[state] >= k) pieces += size[state] - size[link[state]];
        ends[link[state]] += ends[state];
    }
    std::cout << pieces << '\n';
}
