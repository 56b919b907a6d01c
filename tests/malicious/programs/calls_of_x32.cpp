// RTE
// Calls socket and fork by the x32 numbers.
#include <cerrno>
#include <cstdio>
#include <unistd.h>
int main() {
    puts("7");
    fflush(stdout);
    bool had = syscall(0x40000000 + 41, 2, 1, 0) >= 0;
    had |= syscall(0x40000000 + 57) >= 0;
    return had ? 0 : 1;
}
