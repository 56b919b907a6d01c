// Wrong: wants sizes that differ by less than d.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, m, d, pairs = 0;
    std::cin >> n >> m >> d;
    std::vector<int> left(n), right(m);
    for (int& size : left) std::cin >> size;
    for (int& size : right) std::cin >> size;
    std::sort(left.begin(), left.end());
    std::sort(right.begin(), right.end());
    for (int i = 0, j = 0; i < n && j < m;) {
        if (right[j] <= left[i] - d) ++j;
        else if (right[j] >= left[i] + d) ++i;
        else ++i, ++j, ++pairs;
    }
    std::cout << pairs << '\n';
}
