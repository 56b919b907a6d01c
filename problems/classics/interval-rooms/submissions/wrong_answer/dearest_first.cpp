// Wrong: takes the dearest request that still fits, though several cheaper ones may bring more.
#include <algorithm>
#include <iostream>
#include <map>
#include <vector>

struct Request {
    int start, end;
    long long price;
};

int main() {
    int n;
    std::cin >> n;
    std::vector<Request> requests(n);
    for (Request& r : requests) std::cin >> r.start >> r.end >> r.price;
    std::sort(requests.begin(), requests.end(),
              [](const Request& a, const Request& b) { return a.price > b.price; });
    std::map<int, int> taken;  // start -> end
    long long income = 0;
    for (const Request& r : requests) {
        auto next = taken.lower_bound(r.start);
        if (next != taken.end() && next->first < r.end) continue;
        if (next != taken.begin() && std::prev(next)->second > r.start) continue;
        taken[r.start] = r.end;
        income += r.price;
    }
    std::cout << income << std::endl;
}
