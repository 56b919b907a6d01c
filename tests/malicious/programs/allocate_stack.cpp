// RTE MLE
// Recurses without end.
#include <cstdio>
int deep(volatile int n) { volatile char room[1 << 12]; room[n & 4095] = 1; return deep(n + 1) + room[0]; }
int main() { printf("%d", deep(0)); }
