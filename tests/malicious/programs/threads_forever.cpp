// RTE TLE MLE
// Starts threads without end, with small stacks, and goes on when refused.
#include <pthread.h>
#include <unistd.h>
void *wait(void *) { pause(); return nullptr; }
int main() {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 1 << 14);
    for (pthread_t thread;;) pthread_create(&thread, &small, wait, nullptr);
}
