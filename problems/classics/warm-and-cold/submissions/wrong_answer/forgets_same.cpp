// Wrong: takes `same` for `colder`, so a place right in the middle of two guesses is thrown away.
#include <iostream>
#include <string>

int main() {
    int low = 1, high;
    std::cin >> high;
    while (low <= high) {
        std::string reply;
        std::cout << low << std::endl;
        std::cin >> reply;
        if (reply == "found") return 0;
        std::cout << high << std::endl;
        std::cin >> reply;
        if (reply == "found") return 0;
        const int middle = (low + high) / 2;
        if (reply == "warmer") {
            low = middle + 1;
            --high;
        } else {
            ++low;
            high = (low + high - 1) / 2 - 1;
        }
    }
}
