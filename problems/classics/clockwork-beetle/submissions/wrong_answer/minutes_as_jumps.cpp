// Wrong: finds the loop but leaves out the rests, as if each jump took one minute.
#include <iostream>
#include <vector>

int main() {
    int n;
    long long minutes;
    std::cin >> n >> minutes;
    std::vector<int> jump(n);
    for (int& x : jump) std::cin >> x;
    std::vector<long long> first(n, -1);
    int here = 0;
    long long made = 0;
    while (made < minutes && first[here] < 0) {
        first[here] = made++;
        here = (here + jump[here]) % n;
    }
    if (made < minutes)
        for (long long more = (minutes - made) % (made - first[here]); more > 0; --more)
            here = (here + jump[here]) % n;
    std::cout << here + 1 << ' ' << minutes << '\n';
}
