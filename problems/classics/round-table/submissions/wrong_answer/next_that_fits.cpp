// Wrong: takes the next guest who fits beside the last one; when none does, gives up.
#include <iostream>
#include <list>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> country(n);
    for (int& c : country) std::cin >> c;
    std::list<int> standing;
    for (int i = 1; i < n; ++i) standing.push_back(i);
    std::vector<int> seated(1, 0);
    while (!standing.empty()) {
        auto guest = standing.begin();
        while (guest != standing.end() && country[*guest] == country[seated.back()]) ++guest;
        if (guest == standing.end()) break;
        seated.push_back(*guest);
        standing.erase(guest);
    }
    if (!standing.empty() || country[seated.front()] == country[seated.back()]) {
        std::cout << "NO\n";
        return 0;
    }
    std::cout << "YES\n";
    for (int guest : seated) std::cout << guest + 1 << ' ';
    std::cout << '\n';
}
