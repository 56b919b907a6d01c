// AC CE
// Builds an identifier of a million characters by pasting.
#include <stdio.h>
#define PASTE(a, b) a##b
#define TWICE(a, b) PASTE(a, b)
#define A0 a123456789abcdef
#define A1 TWICE(A0, A0)
#define A2 TWICE(A1, A1)
#define A3 TWICE(A2, A2)
#define A4 TWICE(A3, A3)
#define A5 TWICE(A4, A4)
#define A6 TWICE(A5, A5)
#define A7 TWICE(A6, A6)
#define A8 TWICE(A7, A7)
#define A9 TWICE(A8, A8)
#define A10 TWICE(A9, A9)
#define A11 TWICE(A10, A10)
#define A12 TWICE(A11, A11)
#define A13 TWICE(A12, A12)
#define A14 TWICE(A13, A13)
#define A15 TWICE(A14, A14)
#define A16 TWICE(A15, A15)
int A16 = 7;
int main() { printf("%d\n", A16); }
