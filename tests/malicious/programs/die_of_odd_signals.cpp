// RTE
// Dies of a signal that has no name, after the right answer.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main() {
    puts("7");
    fflush(stdout);
    signal(63, SIG_DFL);
    kill(getpid(), 63);
    return 0;
}
