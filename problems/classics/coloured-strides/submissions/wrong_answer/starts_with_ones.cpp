// Wrong: begins with one way for each of the first k lengths.
#include <iostream>
#include <vector>

using Matrix = std::vector<std::vector<unsigned long long>>;
const unsigned long long mod = 1000000007;

Matrix product(const Matrix& a, const Matrix& b) {
    const int k = a.size();
    Matrix result(k, std::vector<unsigned long long>(k));
    for (int i = 0; i < k; ++i)
        for (int j = 0; j < k; ++j)
            for (int x = 0; x < k; ++x) result[i][j] = (result[i][j] + a[i][x] * b[x][j]) % mod;
    return result;
}

int main() {
    int k, q;
    std::cin >> k >> q;
    Matrix step(k, std::vector<unsigned long long>(k));
    for (auto& count : step[0]) std::cin >> count;
    for (int i = 1; i < k; ++i) step[i][i - 1] = 1;
    std::vector<Matrix> squares{step};
    while (squares.size() < 60) squares.push_back(product(squares.back(), squares.back()));
    while (q--) {
        long long n;
        std::cin >> n;
        n -= k - 1;
        std::vector<unsigned long long> ways(k, 1);
        for (int bit = 0; bit < 60 && n > 0; ++bit) {
            if (!(n >> bit & 1)) continue;
            std::vector<unsigned long long> next(k);
            for (int i = 0; i < k; ++i)
                for (int x = 0; x < k; ++x) next[i] = (next[i] + squares[bit][i][x] * ways[x]) % mod;
            ways = next;
        }
        std::cout << ways[0] << '\n';
    }
}
