// AC TLE RTE
// Fires timers every nanosecond at handlers that never end.
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
static volatile long calls;
static void handle(int) { calls++; }
int main() {
    struct sigaction action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_NODEFER | SA_RESTART;
    for (int i = 0; i < 20; i++) {
        sigaction(SIGRTMIN + i, &action, nullptr);
        timer_t timer;
        sigevent event = {};
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = SIGRTMIN + i;
        itimerspec storm = {{0, 1}, {0, 1}};
        if (!timer_create(CLOCK_MONOTONIC, &event, &timer)) timer_settime(timer, 0, &storm, nullptr);
    }
    while (clock() < CLOCKS_PER_SEC / 10) {}
    puts("7");
    fflush(stdout);
    _exit(0);
}
