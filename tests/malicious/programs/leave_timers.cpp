// AC
// Leaves timers and alarms armed that would kill whoever runs next; right only if nothing comes.
#include <initializer_list>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
int main() {
    const timespec moment = {0, 60'000'000};
    nanosleep(&moment, nullptr);
    for (int clock_id : {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME}) {
        timer_t timer;
        sigevent event = {};
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = SIGKILL;
        itimerspec soon = {{0, 20'000'000}, {0, 20'000'000}};
        if (!timer_create(clock_id, &event, &timer)) timer_settime(timer, 0, &soon, nullptr);
    }
    itimerval soon = {{0, 20000}, {0, 20000}};
    setitimer(ITIMER_REAL, &soon, nullptr);
    puts("7");
    fflush(stdout);
    _exit(0);
}
