// Wrong: the sum of the joys does not fit into 32 bits.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, minutes, walk;
    std::cin >> n >> minutes >> walk;
    const int room = minutes + walk;
    std::vector<int> best(room + 1, 0);
    while (n--) {
        int time, joy;
        std::cin >> time >> joy;
        for (int spent = room; spent >= time + walk; --spent)
            best[spent] = std::max(best[spent], int(unsigned(best[spent - time - walk]) + unsigned(joy)));
    }
    std::cout << best[room] << '\n';
}
