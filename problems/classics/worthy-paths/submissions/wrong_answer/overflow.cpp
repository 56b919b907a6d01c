// Wrong: the worth of a cell times its factor does not fit into 32 bits.
#include <iostream>
#include <map>
#include <vector>

int main() {
    const unsigned mod = 1000000007;
    int h, w, n;
    std::cin >> h >> w >> n;
    std::map<std::pair<int, int>, unsigned> factor;
    while (n--) {
        int r, c;
        std::cin >> r >> c;
        std::cin >> factor[{r, c}];
    }
    std::vector<unsigned> worth(w + 1);
    for (int r = 1; r <= h; ++r) {
        for (int c = 1; c <= w; ++c) {
            worth[c] = r == 1 && c == 1 ? 1 : (worth[c] + worth[c - 1]) % mod;
            auto special = factor.find({r, c});
            if (special != factor.end()) worth[c] = worth[c] * special->second % mod;
        }
    }
    std::cout << worth[w] << '\n';
}
