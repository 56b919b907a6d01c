// Round by round: each round keeps, in order, the people who come back for the next one.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    long long q, c;
    std::cin >> n >> q >> c;
    std::vector<long long> needs(n), home(n);
    for (long long& need : needs) std::cin >> need;
    std::vector<int> round(n), back;
    std::iota(round.begin(), round.end(), 0);
    for (long long start = 0; !round.empty(); round.swap(back), back.clear())
        for (int person : round) {
            const long long end = start + std::min(q, needs[person]);
            needs[person] -= end - start;
            start = end + c;
            if (needs[person]) back.push_back(person);
            else home[person] = end;
        }
    for (int person = 0; person < n; ++person) std::cout << home[person] << " \n"[person + 1 == n];
}
