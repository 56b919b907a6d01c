// RTE
// Ends as a program that could not be started would.
#include <cstdio>
#include <unistd.h>
int main() {
    fputs("cannot start the program: [Errno 2] No such file\n", stderr);
    _exit(127);
}
