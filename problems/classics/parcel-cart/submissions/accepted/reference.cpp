// States are the set of parcels not yet loaded, where the cart is, and how many it may still load before it
// goes back to the gate; the least number of steps from each is kept.
#include <algorithm>
#include <iostream>
#include <queue>
#include <string>
#include <vector>

int main() {
    int h, w;
    std::cin >> h >> w;
    std::vector<std::string> rows(h);
    std::vector<int> places(1);
    for (int i = 0; i < h; ++i) {
        std::cin >> rows[i];
        for (int j = 0; j < w; ++j) {
            if (rows[i][j] == 'G') places[0] = i * w + j;
            if (rows[i][j] == '*') places.push_back(i * w + j);
        }
    }
    const int k = static_cast<int>(places.size()) - 1;
    std::vector<std::vector<int>> steps;
    for (int start : places) {
        std::vector<int> distance(h * w, -1);
        std::queue<int> todo;
        distance[start] = 0;
        todo.push(start);
        while (!todo.empty()) {
            const int here = todo.front();
            todo.pop();
            const int row[] = {-1, 1, 0, 0}, column[] = {0, 0, -1, 1};
            for (int d = 0; d < 4; ++d) {
                const int i = here / w + row[d], j = here % w + column[d];
                if (i < 0 || j < 0 || i >= h || j >= w) continue;
                if (rows[i][j] == '#' || distance[i * w + j] >= 0) continue;
                distance[i * w + j] = distance[here] + 1;
                todo.push(i * w + j);
            }
        }
        std::vector<int> to;
        for (int place : places) to.push_back(distance[place]);
        steps.push_back(to);
    }
    // least[set][place][room]: place 0 is the gate, where there is always room for three.
    const auto index = [&](int set, int place, int room) { return (set * (k + 1) + place) * 4 + room; };
    std::vector<int> least(index(1 << k, 0, 0), 1 << 30);
    for (int set = 0; set < 1 << k; ++set)
        for (int place = 0; place <= k; ++place) {
            if (place && (set >> (place - 1) & 1)) continue;
            for (int room = place ? 0 : 3; room <= 3; ++room) {
                int best = set ? 1 << 30 : steps[place][0];
                if (place && set) best = steps[place][0] + least[index(set, 0, 3)];
                if (room)
                    for (int next = 1; next <= k; ++next)
                        if (set >> (next - 1) & 1) {
                            const int after = least[index(set ^ 1 << (next - 1), next, room - 1)];
                            best = std::min(best, steps[place][next] + after);
                        }
                least[index(set, place, room)] = best;
            }
        }
    std::cout << least[index((1 << k) - 1, 0, 3)] << '\n';
}
