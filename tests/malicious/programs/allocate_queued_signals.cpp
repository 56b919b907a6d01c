// AC
// Queues signals for itself without end, and never takes them.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    for (int i = 0; i < 200'000; i++) if (sigqueue(getpid(), SIGRTMIN + 5, sigval{.sival_int = i})) break;
    puts("7");
}
