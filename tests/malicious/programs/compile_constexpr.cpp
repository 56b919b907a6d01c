// CE
// Computes without end at compile time, by recursion and by a loop.
constexpr long deep(long n) { return deep(n + 1) + 1; }
constexpr long spin() { long n = 1; while (n) n += 2; return n; }
static_assert(deep(0) == 1);
static_assert(spin() == 1);
int main() {}
