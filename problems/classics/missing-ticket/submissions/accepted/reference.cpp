// Sort, then walk: the candidate grows whenever it is met.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::vector<int> numbers(n);
    for (int& number : numbers) std::cin >> number;
    std::sort(numbers.begin(), numbers.end());
    int candidate = 0;
    for (int number : numbers) {
        if (number == candidate) ++candidate;
    }
    std::cout << candidate << '\n';
}
