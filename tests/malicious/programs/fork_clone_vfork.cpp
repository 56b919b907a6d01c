// RTE
// Forks by every system call there is, without end.
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cstdio>
#include <csignal>
int main() {
    int made = 0;
    for (int i = 0; i < 1000; i++) {
        if (fork() >= 0) made++;
        if (syscall(SYS_fork) >= 0) made++;
        if (syscall(SYS_vfork) >= 0) made++;
        if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0) made++;
        if (syscall(SYS_clone, 0x10000000 | SIGCHLD, 0, 0, 0, 0) >= 0) made++;  // CLONE_NEWUSER
        struct { unsigned long flags, rest[10]; } args = {0, {0, 0, 0, SIGCHLD}};
        if (syscall(435, &args, 88) >= 0) made++;  // clone3
    }
    puts("7");
    fprintf(stderr, "made %d\n", made);
    return made ? 0 : 1;
}
