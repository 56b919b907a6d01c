// AC
// Forks in the handler of a timer that fires all the time; right only if it could not.
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile int made, calls;
static void handle(int) { calls++; if (fork() >= 0) made++; }
int main() {
    signal(SIGPROF, handle);
    itimerval often = {{0, 100}, {0, 100}};
    setitimer(ITIMER_PROF, &often, nullptr);
    while (calls < 5 && clock() < CLOCKS_PER_SEC) {}
    itimerval never = {};
    setitimer(ITIMER_PROF, &never, nullptr);
    puts(made || !calls ? "forked" : "7");
}
