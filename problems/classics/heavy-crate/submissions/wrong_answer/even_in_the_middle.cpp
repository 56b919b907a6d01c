// Wrong: compares the first two thirds, but takes `even` for the middle instead of the last third.
#include <algorithm>
#include <iostream>
#include <string>

int main() {
    int low = 1, high;
    std::cin >> high;
    while (low < high) {
        const int size = std::max(1, (high - low + 2) / 3);
        std::cout << "? " << low << ' ' << low + size << ' ' << size << std::endl;
        std::string reply;
        std::cin >> reply;
        if (reply == "stop") return 0;
        if (reply == "left") {
            high = low + size - 1;
        } else if (reply == "right") {
            low += 2 * size;
        } else {
            low += size;
            high = low + size - 1;
        }
    }
    std::cout << "! " << low << std::endl;
}
