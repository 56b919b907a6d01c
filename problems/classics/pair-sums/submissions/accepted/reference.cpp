// Sort, then close in from both ends, one group of equal values at a time.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    long long n, target;
    std::cin >> n >> target;
    std::vector<long long> a(n);
    for (auto& value : a) std::cin >> value;
    std::sort(a.begin(), a.end());

    long long pairs = 0;
    long long low = 0, high = n - 1;
    while (low < high) {
        const long long sum = a[low] + a[high];
        if (sum < target) {
            ++low;
        } else if (sum > target) {
            --high;
        } else if (a[low] == a[high]) {
            const long long group = high - low + 1;
            pairs += group * (group - 1) / 2;
            break;
        } else {
            long long left = 1, right = 1;
            while (a[low + left] == a[low]) ++left;
            while (a[high - right] == a[high]) ++right;
            pairs += left * right;
            low += left;
            high -= right;
        }
    }
    std::cout << pairs << '\n';
}
