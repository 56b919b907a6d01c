// Every dial has the number of its group and its position in it. When two groups are joined, the dials of the
// smaller one get new ones, so each dial changes at most log n times.
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n, q;
    long long m;
    std::cin >> n >> m >> q;
    std::vector<int> group(n + 1);
    std::vector<long long> position(n + 1, 0);
    std::vector<std::vector<int>> members(n + 1);
    for (int i = 1; i <= n; ++i) {
        group[i] = i;
        members[i].push_back(i);
    }
    while (q--) {
        std::string kind;
        int a, b;
        std::cin >> kind >> a >> b;
        const long long ahead = (position[b] - position[a] + m) % m;
        if (kind == "ask") {
            if (group[a] == group[b]) std::cout << ahead << '\n';
            else std::cout << "open\n";
            continue;
        }
        long long x;
        std::cin >> x;
        if (group[a] == group[b]) {
            std::cout << (ahead == x ? "known\n" : "false\n");
            continue;
        }
        std::cout << "new\n";
        long long shift = (x - ahead + m) % m;
        int from = group[b], into = group[a];
        if (members[from].size() > members[into].size()) {
            std::swap(from, into);
            shift = (m - shift) % m;
        }
        for (int dial : members[from]) {
            group[dial] = into;
            position[dial] = (position[dial] + shift) % m;
            members[into].push_back(dial);
        }
        members[from].clear();
    }
}
