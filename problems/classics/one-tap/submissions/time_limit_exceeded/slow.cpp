// O(n) per turn: erasing the first element of a vector moves all others.
#include <algorithm>
#include <iostream>
#include <vector>

struct Person {
    int number;
    long long need;
};

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    long long q, c;
    std::cin >> n >> q >> c;
    std::vector<Person> queue(n);
    for (int i = 0; i < n; ++i) {
        queue[i].number = i;
        std::cin >> queue[i].need;
    }
    std::vector<long long> home(n);
    long long start = 0;
    while (!queue.empty()) {
        Person person = queue.front();
        queue.erase(queue.begin());
        const long long end = start + std::min(q, person.need);
        person.need -= q;
        if (person.need > 0) queue.push_back(person);
        else home[person.number] = end;
        start = end + c;
    }
    for (long long second : home) std::cout << second << ' ';
    std::cout << '\n';
}
