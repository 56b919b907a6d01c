// MLE TLE
// Ends its main thread, whose memory then reads as none, and takes a GiB in another, slowly.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static void *take(void *) {
    const timespec moment = {0, 4'000'000};
    for (int i = 0; i < 64; i++) {
        memset(malloc(16 << 20), 1, 16 << 20);
        nanosleep(&moment, nullptr);
    }
    _exit(0);
}
int main() {
    pthread_t thread;
    pthread_create(&thread, nullptr, take, nullptr);
    syscall(SYS_exit, 0);
}
