// TLE MLE RTE
// Registers another function for its end in each function that runs at its end.
#include <stdlib.h>
#include <string.h>
static void again(void) { atexit(again); atexit(again); memset(malloc(1 << 10), 1, 1 << 10); }
int main(void) { again(); }
