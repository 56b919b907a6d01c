// Wrong: asks in the hut with the most paths to huts that are left; a crossing at the edge rules out little.
#include <iostream>
#include <string>
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
    std::vector<char> left(n + 1, 1);
    while (true) {
        int hut = 0, most = -1;
        for (int here = 1; here <= n; ++here) {
            if (!left[here]) continue;
            int paths = 0;
            for (int other : around[here]) paths += left[other];
            if (paths > most) {
                most = paths;
                hut = here;
            }
        }
        std::cout << hut << std::endl;
        std::string reply;
        if (!(std::cin >> reply) || reply == "here") return 0;
        std::vector<char> kept(n + 1, 0);
        std::vector<int> found(1, std::stoi(reply));
        left[hut] = 0;
        kept[found[0]] = 1;
        for (std::size_t i = 0; i < found.size(); ++i)
            for (int other : around[found[i]])
                if (left[other] && !kept[other]) {
                    kept[other] = 1;
                    found.push_back(other);
                }
        left.swap(kept);
    }
}
