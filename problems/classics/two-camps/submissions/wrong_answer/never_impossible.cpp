// Wrong: never notices that two guests of the same camp have quarrelled.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<int>> quarrels(n);
    while (m--) {
        int a, b;
        std::cin >> a >> b;
        quarrels[a - 1].push_back(b - 1);
        quarrels[b - 1].push_back(a - 1);
    }
    std::vector<int> camp(n, -1);
    int most = 0;
    for (int guest = 0; guest < n; ++guest) {
        if (camp[guest] >= 0) continue;
        int size[2] = {1, 0};
        camp[guest] = 0;
        std::vector<int> queue = {guest};
        for (std::size_t head = 0; head < queue.size(); ++head) {
            const int a = queue[head];
            for (int b : quarrels[a]) {
                if (camp[b] >= 0) continue;
                camp[b] = 1 - camp[a];
                ++size[camp[b]];
                queue.push_back(b);
            }
        }
        most += std::max(size[0], size[1]);
    }
    std::cout << most << '\n';
}
