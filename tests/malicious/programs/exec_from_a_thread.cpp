// TLE
// Becomes a program that sleeps, from a thread that then takes the process over.
#include <pthread.h>
#include <unistd.h>
static void *become(void *) { execl("/bin/sleep", "sleep", "1000", (char *)nullptr); return nullptr; }
int main() {
    pthread_t thread;
    pthread_create(&thread, nullptr, become, nullptr);
    for (;;) pause();
}
