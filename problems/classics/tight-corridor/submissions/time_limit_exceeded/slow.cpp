// O(n^3): tries the direction from each tree to each other one.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<long long> x(n), y(n);
    for (int i = 0; i < n; ++i) std::cin >> x[i] >> y[i];
    double least = 1e18;
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
            const long long dx = x[j] - x[i], dy = y[j] - y[i];
            if (!dx && !dy) continue;
            long long low = 0, high = 0;
            for (int k = 0; k < n; ++k) {
                const long long side = dx * (y[k] - y[i]) - dy * (x[k] - x[i]);
                low = std::min(low, side);
                high = std::max(high, side);
            }
            least = std::min(least, (high - low) / std::hypot(dx, dy));
        }
    std::cout << std::fixed << std::setprecision(9) << (least < 1e18 ? least : 0) << '\n';
}
