// TLE
// Spreads its work over threads, each of which stays below the limit.
#include <pthread.h>
#include <stdio.h>
#include <time.h>
static void *work(void *) {
    timespec now;
    do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); while (now.tv_sec == 0 && now.tv_nsec < 50'000'000);
    return nullptr;
}
int main() {
    pthread_t threads[40];
    for (auto &thread : threads) pthread_create(&thread, nullptr, work, nullptr);
    for (auto &thread : threads) pthread_join(thread, nullptr);
    puts("7");
}
