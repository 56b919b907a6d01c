// Wrong: looks only at tiles within devices at their four corners.
#include <algorithm>
#include <iostream>
#include <vector>

struct Device {
    int x1, y1, x2, y2;
    long long t;
};

int main() {
    int n;
    std::cin >> n;
    std::vector<Device> devices(n);
    for (auto& [x1, y1, x2, y2, t] : devices) std::cin >> x1 >> y1 >> x2 >> y2 >> t;
    long long warmest = 0;
    for (const Device& device : devices)
        for (int x : {device.x1, device.x2})
            for (int y : {device.y1, device.y2}) {
                long long sum = 0;
                for (const auto& [x1, y1, x2, y2, t] : devices)
                    if (x1 <= x && x <= x2 && y1 <= y && y <= y2) sum += t;
                warmest = std::max(warmest, sum);
            }
    std::cout << warmest << '\n';
}
