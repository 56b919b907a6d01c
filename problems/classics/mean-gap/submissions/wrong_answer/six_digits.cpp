// Wrong: a stream prints six significant digits unless told otherwise, which is not precise enough.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<long long> posts(n);
    for (long long& post : posts) std::cin >> post;
    std::sort(posts.begin(), posts.end());
    long long total = 0;
    for (int i = 0; i < n; ++i) total += posts[i] * (2 * i - n + 1);
    double pairs = 0.5 * n * (n - 1);
    std::cout << (n > 1 ? total / pairs : 0.0) << std::endl;
}
