// Wrong: the sum does not fit into 32 bits.
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> posts(n);
    for (int& post : posts) std::cin >> post;
    std::sort(posts.begin(), posts.end());
    int total = 0;
    for (int i = 0; i < n; ++i) total += posts[i] * (2 * i - n + 1);
    double pairs = 0.5 * n * (n - 1);
    std::cout << std::fixed << std::setprecision(9) << (n > 1 ? total / pairs : 0.0) << std::endl;
}
