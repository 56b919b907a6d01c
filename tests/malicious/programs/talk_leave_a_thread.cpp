// TLE
// Ends its main thread; another goes on holding both ends of the conversation.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
static void *hold(void *) { for (;;) pause(); }
int main() {
    pthread_t thread;
    pthread_create(&thread, nullptr, hold, nullptr);
    syscall(SYS_exit, 0);
}
