// Cuts the wall into strips between neighbouring widths; the highest poster that reaches a strip covers it.
#include <algorithm>
#include <iostream>
#include <map>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::map<long long, long long> height_at;
    while (n--) {
        long long width, height;
        std::cin >> width >> height;
        long long& highest = height_at[width];
        highest = std::max(highest, height);
    }
    long long from_here_on = 0;
    for (auto strip = height_at.rbegin(); strip != height_at.rend(); ++strip)
        strip->second = from_here_on = std::max(from_here_on, strip->second);
    long long area = 0, left = 0;
    for (const auto& [right, height] : height_at) {
        area += (right - left) * height;
        left = right;
    }
    std::cout << area << '\n';
}
