// Moves the ends of what is left one place at a time until all replies so far agree with them.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

struct Reply {
    int first, second;
    std::string word;

    bool fits(int place) const {
        const int before = std::abs(first - place), now = std::abs(second - place);
        if (!before || !now) return false;
        return word == (before == now ? "same" : now < before ? "warmer" : "colder");
    }
};

int main() {
    int n;
    std::cin >> n;
    std::vector<Reply> replies;
    const auto possible = [&](int place) {
        for (const Reply& reply : replies)
            if (!reply.fits(place)) return false;
        return true;
    };
    while (true) {
        int low = 1, high = n;
        while (!possible(low)) ++low;
        while (!possible(high)) --high;
        std::string word;
        std::cout << low << std::endl;
        std::cin >> word;
        if (word == "found") return 0;
        std::cout << high << std::endl;
        std::cin >> word;
        if (word == "found") return 0;
        replies.push_back({low, high, word});
    }
}
