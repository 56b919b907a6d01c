#include <bits/stdc++.h>
using namespace std;

int main() {
    string word;
    long a, b;
    cin >> word >> a >> b;
    if (word == "wrong") b++;
    if (word == "crash") throw runtime_error("crashed");
    if (word == "loop") for (volatile long i = 0;; i = i + 1) {}
    if (word == "hog") {
        vector<vector<char>> all;
        for (;;) all.emplace_back(1 << 20, 'x');
    }
    cout << a + b << "\n";
}
