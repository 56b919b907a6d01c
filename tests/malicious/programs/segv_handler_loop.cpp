// TLE
// Returns from the handler of a fault to the fault, without end.
#include <signal.h>
static void handle(int) {}
int main() {
    signal(SIGSEGV, handle);
    *(volatile int *)nullptr = 7;
}
