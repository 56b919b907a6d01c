// Tries all orders in which the parcels may be loaded, and whether the cart goes to the gate in between.
#include <algorithm>
#include <iostream>
#include <queue>
#include <string>
#include <vector>

std::vector<std::vector<int>> steps;
std::vector<char> there;
int least = 1 << 30;

void go(int place, int room, int left, int made) {
    if (!left) {
        least = std::min(least, made + steps[place][0]);
        return;
    }
    for (std::size_t next = 1; next < steps.size(); ++next) {
        if (!there[next]) continue;
        there[next] = 0;
        if (room) go(next, room - 1, left - 1, made + steps[place][next]);
        if (place) go(next, 2, left - 1, made + steps[place][0] + steps[0][next]);
        there[next] = 1;
    }
}

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
    there.assign(steps.size(), 1);
    go(0, 3, static_cast<int>(steps.size()) - 1, 0);
    std::cout << least << '\n';
}
