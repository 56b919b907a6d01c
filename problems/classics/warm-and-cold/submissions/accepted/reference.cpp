// Two guesses side by side in the middle of what is left tell on which side of them the place lies.
#include <iostream>
#include <string>

std::string ask(int guess) {
    std::cout << guess << std::endl;
    std::string reply;
    std::cin >> reply;
    return reply;
}

int main() {
    int low = 1, high;
    std::cin >> high;
    while (true) {
        const int middle = (low + high) / 2;
        if (ask(middle) == "found" || low == high) return 0;
        const std::string reply = ask(middle + 1);
        if (reply == "found") return 0;
        if (reply == "warmer") low = middle + 2;
        else high = middle - 1;
    }
}
