// From short orders to long ones, take each that makes none of those taken late. A segment tree over the
// orders by due hour keeps the least time to spare among the orders that are taken.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

using Spare = long long;
const Spare kNotTaken = 1LL << 60;
std::vector<Spare> least, added;

void add(int node, Spare value) {
    least[node] += value;
    added[node] += value;
}

// Adds `value` to all positions from `from` on.
void add_from(int node, int low, int high, int from, Spare value) {
    if (from >= high) return;
    if (from <= low) return add(node, value);
    const int middle = (low + high) / 2;
    add_from(2 * node, low, middle, from, value);
    add_from(2 * node + 1, middle, high, from, value);
    least[node] = std::min(least[2 * node], least[2 * node + 1]) + added[node];
}

Spare least_from(int node, int low, int high, int from) {
    if (from >= high) return 2 * kNotTaken;
    if (from <= low) return least[node];
    const int middle = (low + high) / 2;
    return added[node] +
           std::min(least_from(2 * node, low, middle, from), least_from(2 * node + 1, middle, high, from));
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<long long> time(n), due(n);
    for (int i = 0; i < n; ++i) std::cin >> time[i] >> due[i];
    std::vector<int> by_due(n), by_time(n), place(n);
    std::iota(by_due.begin(), by_due.end(), 0);
    by_time = by_due;
    std::sort(by_due.begin(), by_due.end(), [&](int a, int b) { return due[a] < due[b]; });
    std::sort(by_time.begin(), by_time.end(), [&](int a, int b) { return time[a] < time[b]; });
    least.assign(4 * n, kNotTaken);
    added.assign(4 * n, 0);
    for (int k = 0; k < n; ++k) {
        place[by_due[k]] = k;
        add_from(1, 0, n, k, due[by_due[k]]);
        add_from(1, 0, n, k + 1, -due[by_due[k]]);
    }
    int taken = 0;
    long long hours = 0;
    for (int i : by_time) {
        add_from(1, 0, n, place[i], -time[i]);
        add_from(1, 0, n, place[i], -kNotTaken);
        add_from(1, 0, n, place[i] + 1, kNotTaken);
        if (least_from(1, 0, n, place[i]) >= 0) {
            ++taken;
            hours += time[i];
        } else {
            add_from(1, 0, n, place[i], time[i]);
            add_from(1, 0, n, place[i], kNotTaken);
            add_from(1, 0, n, place[i] + 1, -kNotTaken);
        }
    }
    std::cout << taken << ' ' << hours << '\n';
}
