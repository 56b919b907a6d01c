// TLE
// Lets many threads wait for the processor, as on a loaded host, to be allowed to sleep longer.
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
static void *wait_much(void *) {
    timespec now;
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); while (now.tv_nsec < 200'000'000);
    for (;;) pause();
}
int main() {
    pthread_t thread;
    for (int i = 0; i < 60; i++) pthread_create(&thread, nullptr, wait_much, nullptr);
    sleep(5);
    puts("7");
    fflush(stdout);
    _exit(0);
}
