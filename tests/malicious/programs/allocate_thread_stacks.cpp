// MLE TLE RTE
// Fills the stacks of many threads.
#include <pthread.h>
#include <string.h>
#include <unistd.h>
static void *fill(void *) {
    volatile char room[30 << 20];
    for (int i = 0; i < 30 << 20; i += 4096) room[i] = 1;
    pause();
    return (void *)(long)room[0];
}
int main() {
    pthread_t thread;
    for (int i = 0; i < 60; i++) if (pthread_create(&thread, nullptr, fill, nullptr)) return 1;
    pause();
}
