// Wrong: expects two portals of each letter and only ever joins the first with the last.
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
    std::vector<int> first(26, -1), last(26, -1), moves(h * w, -1), queue = {0};
    for (int place = 0; place < h * w; ++place) {
        if (cells[place] < 'a') continue;
        last[cells[place] - 'a'] = place;
        if (first[cells[place] - 'a'] < 0) first[cells[place] - 'a'] = place;
    }
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
        if (cells[place] >= 'a' && place == first[cells[place] - 'a']) reach(last[cells[place] - 'a']);
        if (cells[place] >= 'a' && place == last[cells[place] - 'a']) reach(first[cells[place] - 'a']);
    }
    std::cout << moves[h * w - 1] << '\n';
}
