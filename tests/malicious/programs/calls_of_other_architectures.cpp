// RTE
// Calls fork by the 32-bit entry, whose numbers differ.
#include <cstdio>
int main() {
    puts("7");
    fflush(stdout);
    long result = 2;  // fork
    asm volatile("int $0x80" : "+a"(result) : : "memory");
    fprintf(stderr, "returned %ld\n", result);
    return result >= 0 ? 0 : 1;
}
