// Keeps the huts that may still have the well, as a list in preorder of a tree rooted once. A reply leaves
// the subtree of a child, or all but the own subtree; sizes are counted again among those that are left.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    int n;
    std::cin >> n;
    std::vector<std::vector<int>> around(n + 1);
    for (int i = 1; i < n; ++i) {
        int a, b;
        std::cin >> a >> b;
        around[a].push_back(b);
        around[b].push_back(a);
    }
    std::vector<int> preorder, parent(n + 1, 0), first(n + 1), last(n + 1), stack(1, 1);
    while (!stack.empty()) {
        const int here = stack.back();
        stack.pop_back();
        first[here] = static_cast<int>(preorder.size());
        preorder.push_back(here);
        for (int other : around[here])
            if (other != parent[here]) {
                parent[other] = here;
                stack.push_back(other);
            }
    }
    for (int i = 1; i <= n; ++i) last[i] = first[i];
    for (int i = n - 1; i > 0; --i) {
        const int here = preorder[i];
        last[parent[here]] = std::max(last[parent[here]], last[here]);
    }
    std::vector<int> left = preorder;
    while (true) {
        std::vector<int> size(n + 1, 0);
        int hut = left[0];
        for (std::size_t i = left.size(); i-- > 0;) {
            const int here = left[i];
            ++size[here];
            if (2 * size[here] >= static_cast<int>(left.size())) {
                hut = here;
                break;
            }
            size[parent[here]] += size[here];
        }
        std::cout << hut << std::endl;
        std::string reply;
        std::cin >> reply;
        if (reply == "here") return 0;
        const int next = std::stoi(reply);
        const bool up = next == parent[hut];
        const int cut = up ? hut : next;
        std::vector<int> kept;
        for (int here : left) {
            const bool inside = first[cut] <= first[here] && first[here] <= last[cut];
            if (inside != up) kept.push_back(here);
        }
        left.swap(kept);
    }
}
