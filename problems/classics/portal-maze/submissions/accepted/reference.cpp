// Breadth-first search with a hub for each letter: to enter a hub and to leave it are half a move each,
// a step is two halves.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
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
    const int far = 1 << 30;
    std::vector<int> halves(h * w + 26, far);
    std::vector<std::vector<int>> at(2 * h * w + 60);  // nodes by their distance in halves
    const auto reach = [&](int node, int distance) {
        if (distance >= halves[node]) return;
        halves[node] = distance;
        at[distance].push_back(node);
    };
    reach(0, 0);
    for (std::size_t distance = 0; distance + 2 < at.size(); ++distance) {
        for (int node : at[distance]) {
            if (halves[node] != int(distance)) continue;
            if (node >= h * w) {
                for (int place : portals[node - h * w]) reach(place, distance + 1);
                continue;
            }
            if (cells[node] >= 'a') reach(h * w + cells[node] - 'a', distance + 1);
            const int r = node / w, c = node % w;
            if (r > 0 && cells[node - w] != '#') reach(node - w, distance + 2);
            if (r + 1 < h && cells[node + w] != '#') reach(node + w, distance + 2);
            if (c > 0 && cells[node - 1] != '#') reach(node - 1, distance + 2);
            if (c + 1 < w && cells[node + 1] != '#') reach(node + 1, distance + 2);
        }
    }
    std::cout << (halves[h * w - 1] < far ? halves[h * w - 1] / 2 : -1) << '\n';
}
