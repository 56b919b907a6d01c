// Wrong: the income does not fit into 32 bits.
#include <algorithm>
#include <iostream>
#include <vector>

struct Request {
    int start, end, price;
};

int main() {
    int n;
    std::cin >> n;
    std::vector<Request> requests(n);
    for (Request& r : requests) std::cin >> r.start >> r.end >> r.price;
    std::sort(requests.begin(), requests.end(),
              [](const Request& a, const Request& b) { return a.end < b.end; });
    std::vector<int> best(n + 1, 0), ends;
    for (int i = 0; i < n; ++i) {
        int before = std::upper_bound(ends.begin(), ends.end(), requests[i].start) - ends.begin();
        best[i + 1] = std::max(best[i], best[before] + requests[i].price);
        ends.push_back(requests[i].end);
    }
    std::cout << best[n] << std::endl;
}
