// MLE RTE
// Gives every thread variables of its own of 100 MiB.
#include <pthread.h>
#include <string.h>
#include <unistd.h>
static _Thread_local char room[100 << 20];
static void *fill(void *none) { memset(room, 1, sizeof room); pause(); return none; }
int main(void) {
    pthread_t thread;
    for (int i = 0; i < 30; i++) if (pthread_create(&thread, 0, fill, 0)) return 1;
    fill(0);
}
