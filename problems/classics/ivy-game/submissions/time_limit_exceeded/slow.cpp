// Evaluates the whole ivy again for every cut: O(n^2).
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<int> parent(n + 1, 0), value(n + 1);
    for (int stem = 1; stem <= n; ++stem) std::cin >> parent[stem];
    int count = 0, smallest = 0;
    for (int cut = 1; cut <= n; ++cut) {
        for (int& v : value) v = 0;
        for (int stem = n; stem >= 1; --stem)
            if (stem != cut) value[parent[stem]] ^= value[stem] + 1;
        if (value[0] == 0) {
            ++count;
            if (!smallest) smallest = cut;
        }
    }
    std::cout << count << ' ' << smallest << '\n';
}
