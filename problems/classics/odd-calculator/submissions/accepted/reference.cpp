// Backwards: from b to the numbers from which a key leads to it, until a is found.
#include <iostream>
#include <queue>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int m, a, b, k;
    std::cin >> m >> a >> b >> k;
    const int unseen = -1, worn = -2;
    std::vector<int> presses(m + 1, unseen);
    while (k--) {
        int number;
        std::cin >> number;
        presses[number] = worn;
    }
    std::queue<int> queue;
    const auto reach = [&](int number, int distance) {
        if (number < 0 || number > m || presses[number] != unseen) return;
        presses[number] = distance;
        queue.push(number);
    };
    reach(b, 0);
    while (!queue.empty()) {
        const int number = queue.front(), distance = presses[number] + 1;
        queue.pop();
        reach(number - 1, distance);
        if (number % 2 == 0) reach(number / 2, distance);
        for (int digit = 0; digit < 10; ++digit) reach(10 * number + digit, distance);
    }
    if (presses[a] == unseen) std::cout << "never\n";
    else std::cout << presses[a] << '\n';
}
