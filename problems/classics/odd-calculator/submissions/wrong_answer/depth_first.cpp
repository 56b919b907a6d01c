// Wrong: a stack instead of a queue; the first way found to a number need not be the shortest.
#include <iostream>
#include <stack>
#include <vector>

int main() {
    int m, a, b, k;
    std::cin >> m >> a >> b >> k;
    std::vector<int> presses(m + 1, -1);
    while (k--) {
        int number;
        std::cin >> number;
        presses[number] = -2;
    }
    std::stack<int> stack;
    stack.push(a);
    presses[a] = 0;
    while (!stack.empty()) {
        const int number = stack.top();
        stack.pop();
        for (int shown : {number + 1, 2 * number, number / 10})
            if (shown <= m && presses[shown] == -1) {
                presses[shown] = presses[number] + 1;
                stack.push(shown);
            }
    }
    if (presses[b] < 0) std::cout << "never\n";
    else std::cout << presses[b] << '\n';
}
