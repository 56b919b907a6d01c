// MLE RTE CE
// Declares more static memory than there is.
#include <cstdio>
static volatile char room[1l << 36];
int main() { for (long i = 0; i < 1l << 36; i += 4096) room[i] = 1; puts("7"); }
