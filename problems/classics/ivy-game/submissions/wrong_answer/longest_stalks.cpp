// Wrong: takes a stem's value for the length of the longest way up from it, as if there were no branches.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> parent(n + 1, 0), height(n + 1, 0);
    for (int stem = 1; stem <= n; ++stem) std::cin >> parent[stem];
    int total = 0;
    for (int stem = n; stem >= 1; --stem) {
        if (parent[stem]) height[parent[stem]] = std::max(height[parent[stem]], height[stem] + 1);
        else total ^= height[stem] + 1;
    }
    std::vector<int> root(n + 1, 0), depth(n + 1, 0);
    int count = 0, smallest = 0;
    for (int stem = 1; stem <= n; ++stem) {
        root[stem] = parent[stem] ? root[parent[stem]] : stem;
        depth[stem] = depth[parent[stem]] + 1;
        if ((total ^ (height[root[stem]] + 1) ^ (depth[stem] - 1)) != 0) continue;
        ++count;
        if (!smallest) smallest = stem;
    }
    std::cout << count << ' ' << smallest << '\n';
}
