// Wrong: moves the farthest corner on by one for each side, however far the side turned.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <utility>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<std::pair<long long, long long>> points(n), hull;
    for (auto& [x, y] : points) std::cin >> x >> y;
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    const auto side = [](auto a, auto b, auto c) {
        return (b.first - a.first) * (c.second - a.second) - (b.second - a.second) * (c.first - a.first);
    };
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
    int far = 2;
    double least = size > 2 ? 1e18 : 0;
    for (int i = 0; size > 2 && i < size; ++i) {
        const auto a = hull[i], b = hull[(i + 1) % size];
        if (side(a, b, hull[(far + 1) % size]) > side(a, b, hull[far % size])) ++far;
        const double length = std::hypot(b.first - a.first, b.second - a.second);
        least = std::min(least, side(a, b, hull[far % size]) / length);
    }
    std::cout.precision(15);
    std::cout << least << '\n';
}
