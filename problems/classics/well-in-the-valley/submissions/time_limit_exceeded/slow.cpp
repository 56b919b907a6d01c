// Takes the distances between all huts that are left, and asks where their sum is least: O(n^2).
#include <iostream>
#include <string>
#include <utility>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<std::vector<int>> around(n + 1);
    for (int i = 1; i < n; ++i) {
        int a, b;
        std::cin >> a >> b;
        around[a].push_back(b);
        around[b].push_back(a);
    }
    std::vector<char> out(n + 1, 0);
    std::vector<int> left(n);
    for (int i = 0; i < n; ++i) left[i] = i + 1;
    std::vector<int> distance(n + 1), order;
    const auto explore = [&](int start, int before) {
        order.assign(1, start);
        std::vector<int> from(1, before);
        distance[start] = 0;
        long long sum = 0;
        for (std::size_t i = 0; i < order.size(); ++i)
            for (int other : around[order[i]])
                if (other != from[i] && !out[other]) {
                    distance[other] = distance[order[i]] + 1;
                    sum += distance[other];
                    from.push_back(order[i]);
                    order.push_back(other);
                }
        return sum;
    };
    while (true) {
        long long least = -1;
        int hut = 0;
        for (int here : left) {
            const long long sum = explore(here, 0);
            if (least < 0 || sum < least) {
                least = sum;
                hut = here;
            }
        }
        std::cout << hut << std::endl;
        std::string reply;
        std::cin >> reply;
        if (reply == "here") return 0;
        out[hut] = 1;
        explore(std::stoi(reply), hut);
        left = order;
    }
}
