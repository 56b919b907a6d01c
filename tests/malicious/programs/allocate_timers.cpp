// AC RTE
// Creates timers without end.
#include <signal.h>
#include <stdio.h>
#include <time.h>
int main() {
    for (int made = 0; made < 1'000'000; made++) {
        timer_t timer;
        sigevent event = {};
        event.sigev_notify = SIGEV_NONE;
        if (timer_create(CLOCK_MONOTONIC, &event, &timer)) break;
        itimerspec soon = {{1, 0}, {1, 0}};
        timer_settime(timer, 0, &soon, nullptr);
    }
    puts("7");
}
