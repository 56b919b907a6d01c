// Sets a light both ways, follows the implications of both in turns, step by step, and keeps the first that
// ends without a contradiction; the other one is given up, so the work is about twice that on what is kept.
#include <array>
#include <iostream>
#include <string>
#include <vector>

struct Trial {
    std::vector<int> set;
    std::size_t node = 0, edge = 0;
    bool failed = false;
};

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, m;
    std::cin >> n >> m;
    std::vector<std::vector<int>> after(2 * n);
    while (m--) {
        std::string kind;
        int a, b;
        std::cin >> kind >> a >> b;
        a = 2 * a - 2;
        b = 2 * b - 2;
        if (kind == "same") b ^= 1;
        if (kind != "either") {
            after[a].push_back(b ^ 1);
            after[b].push_back(a ^ 1);
        }
        if (kind != "never") {
            after[a ^ 1].push_back(b);
            after[b ^ 1].push_back(a);
        }
    }
    std::vector<char> certain(2 * n, 0);
    std::array<std::vector<int>, 2> tried{std::vector<int>(2 * n, -1), std::vector<int>(2 * n, -1)};
    for (int light = 0; light < n; ++light) {
        if (certain[2 * light] || certain[2 * light + 1]) continue;
        std::array<Trial, 2> trials;
        for (int t = 0; t < 2; ++t) {
            trials[t].set.push_back(2 * light + t);
            tried[t][2 * light + t] = light;
        }
        int kept = -1;
        for (int t = 0; kept < 0; t ^= 1) {
            Trial& trial = trials[t];
            if (trial.failed) {
                if (trials[t ^ 1].failed) {
                    std::cout << "NO\n";
                    return 0;
                }
                continue;
            }
            if (trial.node == trial.set.size()) {
                kept = t;
                break;
            }
            const int here = trial.set[trial.node];
            if (trial.edge == after[here].size()) {
                ++trial.node;
                trial.edge = 0;
                continue;
            }
            const int other = after[here][trial.edge++];
            if (certain[other] || tried[t][other] == light) continue;
            if (certain[other ^ 1] || tried[t][other ^ 1] == light) {
                trial.failed = true;
                continue;
            }
            tried[t][other] = light;
            trial.set.push_back(other);
        }
        for (int setting : trials[kept].set) certain[setting] = 1;
    }
    std::cout << "YES\n";
    for (int light = 0; light < n; ++light) std::cout << (certain[2 * light] ? '1' : '0');
    std::cout << '\n';
}
