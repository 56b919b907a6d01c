// Checks every crate against all replies so far before each weighing.
#include <iostream>
#include <string>
#include <vector>

struct Weighing {
    int a, b, size;
    std::string reply;

    bool fits(int crate) const {
        const bool left = a <= crate && crate < a + size, right = b <= crate && crate < b + size;
        return reply == (left ? "left" : right ? "right" : "even");
    }
};

int main() {
    int n;
    std::cin >> n;
    std::vector<Weighing> weighings;
    while (true) {
        int low = 0, high = 0;
        for (int crate = 1; crate <= n; ++crate) {
            bool possible = true;
            for (const Weighing& weighing : weighings) possible = possible && weighing.fits(crate);
            if (!possible) continue;
            if (!low) low = crate;
            high = crate;
        }
        if (low == high) {
            std::cout << "! " << low << std::endl;
            return 0;
        }
        Weighing next{low, 0, (high - low + 3) / 3, ""};
        next.b = high - next.size + 1;
        std::cout << "? " << next.a << ' ' << next.b << ' ' << next.size << std::endl;
        std::cin >> next.reply;
        weighings.push_back(next);
    }
}
