// AC
// Sets clocks, and alarms that would wake a sleeping machine; right only if all is refused.
#include <initializer_list>
#include <stdio.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>
int main() {
    int had = 0;
    timer_t timer;
    timespec when = {1, 0};
    timeval now = {1, 0};
    timex tuning = {};
    for (int clock_id : {8 /* REALTIME_ALARM */, 9 /* BOOTTIME_ALARM */}) {
        if (timer_create(clock_id, nullptr, &timer) == 0) had++;
        if (timerfd_create(clock_id, 0) >= 0) had++;
        if (clock_settime(clock_id, &when) == 0) had++;
    }
    if (clock_settime(CLOCK_REALTIME, &when) == 0 || settimeofday(&now, nullptr) == 0) had++;
    if (adjtimex(&tuning) >= 0 || clock_adjtime(CLOCK_REALTIME, &tuning) >= 0) had++;
    for (const char *path : {"/dev/rtc", "/dev/rtc0", "/dev/ptp0", "/dev/watchdog"}) if (open(path, O_RDWR) >= 0) had++;
    puts(had ? "had" : "7");
}
