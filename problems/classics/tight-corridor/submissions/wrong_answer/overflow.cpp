// Wrong: products of coordinates do not fit into 32 bits.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <utility>
#include <vector>

using Point = std::pair<unsigned, unsigned>;

int side(Point a, Point b, Point c) {
    const unsigned dx = b.first - a.first, dy = b.second - a.second;
    return static_cast<int>(dx * (c.second - a.second) - dy * (c.first - a.first));
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<std::pair<int, int>> points(n), hull;
    for (auto& [x, y] : points) std::cin >> x >> y;
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    for (int half = 0; half < 2; ++half) {
        const std::size_t base = hull.size();
        for (auto point : points) {
            while (hull.size() > base + 1 && side(hull[hull.size() - 2], hull.back(), point) <= 0)
                hull.pop_back();
            hull.push_back(point);
        }
        hull.pop_back();
        std::reverse(points.begin(), points.end());
    }
    const int size = hull.size();
    int far = 1;
    double least = size > 2 ? 1e18 : 0;
    for (int i = 0; size > 2 && i < size; ++i) {
        const auto a = hull[i], b = hull[(i + 1) % size];
        for (int k = 0; k < size && side(a, b, hull[(far + 1) % size]) > side(a, b, hull[far]); ++k)
            far = (far + 1) % size;
        least = std::min(least, side(a, b, hull[far]) / std::hypot(b.first - a.first, b.second - a.second));
    }
    std::cout.precision(15);
    std::cout << least << '\n';
}
