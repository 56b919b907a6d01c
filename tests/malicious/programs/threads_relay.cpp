// TLE RTE
// Each thread starts the next one and ends, so that every one of them is young.
#include <pthread.h>
static pthread_attr_t detached;
static void *next(void *) {
    pthread_t thread;
    while (pthread_create(&thread, &detached, next, nullptr)) {}
    return nullptr;
}
int main() {
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    next(nullptr);
    pthread_exit(nullptr);
}
