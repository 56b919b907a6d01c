// CE
// Makes the compiler's words many.
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(x)))
int main() { B(oops(;) }
