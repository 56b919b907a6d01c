// From every portal looks at all portals of its letter, which is quadratic in their number.
#include <iostream>
#include <string>
#include <vector>

int main() {
    int h, w;
    std::cin >> h >> w;
    std::string cells, row;
    for (int r = 0; r < h; ++r) {
        std::cin >> row;
        cells += row;
    }
    std::vector<std::vector<int>> portals(26);
    for (int place = 0; place < h * w; ++place)
        if (cells[place] >= 'a') portals[cells[place] - 'a'].push_back(place);
    std::vector<int> moves(h * w, -1), queue = {0};
    moves[0] = 0;
    for (std::size_t head = 0; head < queue.size(); ++head) {
        const int place = queue[head], r = place / w, c = place % w;
        const auto reach = [&](int other) {
            if (cells[other] == '#' || moves[other] >= 0) return;
            moves[other] = moves[place] + 1;
            queue.push_back(other);
        };
        if (r > 0) reach(place - w);
        if (r + 1 < h) reach(place + w);
        if (c > 0) reach(place - 1);
        if (c + 1 < w) reach(place + 1);
        if (cells[place] < 'a') continue;
        for (int other : portals[cells[place] - 'a']) reach(other);
    }
    std::cout << moves[h * w - 1] << '\n';
}
