// Takes all columns and rows where something begins or ends, and adds up devices at each crossing: O(n^3).
#include <algorithm>
#include <iostream>
#include <set>
#include <vector>

struct Device {
    int x1, y1, x2, y2;
    long long t;
};

int main() {
    int n;
    std::cin >> n;
    std::vector<Device> devices(n);
    std::set<int> columns, rows;
    for (auto& [x1, y1, x2, y2, t] : devices) {
        std::cin >> x1 >> y1 >> x2 >> y2 >> t;
        columns.insert({x1, x2 + 1});
        rows.insert({y1, y2 + 1});
    }
    long long warmest = 0;
    for (int x : columns)
        for (int y : rows) {
            long long sum = 0;
            for (const auto& [x1, y1, x2, y2, t] : devices)
                if (x1 <= x && x <= x2 && y1 <= y && y <= y2) sum += t;
            warmest = std::max(warmest, sum);
        }
    std::cout << warmest << '\n';
}
