// Wrong: goes through the minutes upwards, so a hall can be seen more than once.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    int n, minutes, walk;
    std::cin >> n >> minutes >> walk;
    const int room = minutes + walk;
    std::vector<long long> best(room + 1, 0);
    while (n--) {
        int time;
        long long joy;
        std::cin >> time >> joy;
        for (int spent = time + walk; spent <= room; ++spent)
            best[spent] = std::max(best[spent], best[spent - time - walk] + joy);
    }
    std::cout << best[room] << '\n';
}
