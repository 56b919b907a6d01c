// RTE MLE
// Jumps over the guard of its stack into whatever lies below.
#include <alloca.h>
#include <stdio.h>
int main() {
    for (unsigned long size = 1 << 20; size < 1ul << 40; size *= 2) {
        volatile char *room = (volatile char *)alloca(size);
        room[0] = 1;
        room[size / 2] = 1;
    }
    puts("8");
    fflush(stdout);
    __builtin_trap();
}
