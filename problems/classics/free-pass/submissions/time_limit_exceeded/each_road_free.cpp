// Tries each road as the free one, with a search of its own: O(m * m log n).
#include <functional>
#include <iostream>
#include <queue>
#include <utility>
#include <vector>

struct Road {
    int to, number;
    long long toll;
};

int main() {
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<Road>> roads(n);
    for (int k = 0; k < m; ++k) {
        int a, b;
        long long toll;
        std::cin >> a >> b >> toll;
        roads[a - 1].push_back({b - 1, k, toll});
        roads[b - 1].push_back({a - 1, k, toll});
    }
    const long long far = 1LL << 60;
    long long least = far;
    for (int free = 0; free < m; ++free) {
        std::vector<long long> cost(n, far);
        using Entry = std::pair<long long, int>;
        std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue;
        cost[0] = 0;
        queue.emplace(0, 0);
        while (!queue.empty()) {
            const auto [paid, town] = queue.top();
            queue.pop();
            if (paid > cost[town]) continue;
            for (const Road& road : roads[town]) {
                const long long then = paid + (road.number == free ? 0 : road.toll);
                if (then < cost[road.to]) queue.emplace(cost[road.to] = then, road.to);
            }
        }
        least = std::min(least, cost[n - 1]);
    }
    std::cout << (least < far ? least : -1) << '\n';
}
