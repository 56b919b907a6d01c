// TLE RTE
// Waits in every way: stops itself, then select, then pause.
#include <csignal>
#include <cstdio>
#include <sys/select.h>
#include <unistd.h>
int main() {
    puts("7");
    kill(getpid(), SIGSTOP);
    raise(SIGTSTP);
    timeval long_time = {1000, 0};
    select(0, nullptr, nullptr, nullptr, &long_time);
    pause();
}
