// Wrong: the product of two remainders does not fit into 32 bits.
#include <iostream>
#include <vector>

using Matrix = std::vector<std::vector<unsigned>>;
const unsigned mod = 1000000007;

Matrix product(const Matrix& a, const Matrix& b) {
    const int k = a.size();
    Matrix result(k, std::vector<unsigned>(k));
    for (int i = 0; i < k; ++i)
        for (int j = 0; j < k; ++j)
            for (int x = 0; x < k; ++x) result[i][j] = (result[i][j] + a[i][x] * b[x][j]) % mod;
    return result;
}

int main() {
    int k, q;
    std::cin >> k >> q;
    Matrix step(k, std::vector<unsigned>(k));
    for (auto& count : step[0]) std::cin >> count;
    for (int i = 1; i < k; ++i) step[i][i - 1] = 1;
    while (q--) {
        long long n;
        std::cin >> n;
        Matrix power(k, std::vector<unsigned>(k)), square = step;
        for (int i = 0; i < k; ++i) power[i][i] = 1;
        for (; n; n >>= 1) {
            if (n & 1) power = product(power, square);
            square = product(square, square);
        }
        std::cout << power[0][0] << '\n';
    }
}
