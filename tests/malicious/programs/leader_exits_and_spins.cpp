// TLE
// Ends its main thread, so that the process looks dead, and spins in another.
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
static void *spin(void *) { for (;;) asm volatile(""); }
int main() {
    pthread_t thread;
    pthread_create(&thread, nullptr, spin, nullptr);
    syscall(SYS_exit, 0);
}
