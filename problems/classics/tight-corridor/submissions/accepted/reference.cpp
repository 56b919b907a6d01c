// Finds the corner farthest from each side of the convex hull by binary search: it is where the sides, which
// turn around in order, begin to lead back.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <vector>

struct Point {
    long long x, y;
    auto operator<=>(const Point&) const = default;
};

Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
long long cross(Point a, Point b) { return a.x * b.y - a.y * b.x; }

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<Point> points(n), hull;
    for (Point& point : points) std::cin >> point.x >> point.y;
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    for (int half = 0; half < 2; ++half) {
        const std::size_t base = hull.size();
        for (Point point : points) {
            while (hull.size() > base + 1) {
                const Point last = hull.back(), side = last - hull[hull.size() - 2];
                if (cross(side, point - last) > 0) break;
                hull.pop_back();
            }
            hull.push_back(point);
        }
        hull.pop_back();
        std::reverse(points.begin(), points.end());
    }
    const int size = hull.size();
    const auto side = [&](int i) { return hull[(i + 1) % size] - hull[i % size]; };
    double least = size > 2 ? 1e18 : 0;
    for (int i = 0; size > 2 && i < size; ++i) {
        int forth = 0, back = size;
        while (back - forth > 1) {
            const int middle = (forth + back) / 2;
            if (middle < size && cross(side(i), side(i + middle)) > 0) forth = middle;
            else back = middle;
        }
        const Point far = hull[(i + forth + 1) % size];
        least = std::min(least, cross(side(i), far - hull[i]) / std::hypot(side(i).x, side(i).y));
    }
    std::cout << std::fixed << std::setprecision(9) << least << '\n';
}
