// CE
// Macros that expand to an enormous text, each word of it an error.
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(x)))
int main() { return 0 A(B(+oops)); }
