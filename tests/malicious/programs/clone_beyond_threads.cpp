// AC
// Clones threads that are more than threads: with namespaces, in other memory; right only if it could not.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
    static char stack[1 << 16];
    const long thread = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;
    const long tried[] = {thread | CLONE_NEWNS, thread | CLONE_NEWUTS, thread | CLONE_NEWIPC, thread | CLONE_NEWUSER,
                          thread | CLONE_NEWPID, thread | CLONE_NEWNET, thread | CLONE_NEWCGROUP, thread | CLONE_FS | CLONE_NEWNS,
                          CLONE_THREAD, CLONE_THREAD | CLONE_SIGHAND, CLONE_VM | CLONE_VFORK, CLONE_VM | SIGCHLD,
                          CLONE_PARENT | SIGCHLD, CLONE_PTRACE | SIGCHLD, CLONE_UNTRACED | SIGCHLD, CLONE_FILES | SIGCHLD,
                          thread | CLONE_PIDFD, (1L << 32) | SIGCHLD, (1L << 33) | SIGCHLD, 0x80 | SIGCHLD};
    int had = 0;
    for (long flags : tried) {
        long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
        if (pid == 0) _exit(0);
        if (pid > 0) had++;
    }
    puts(had || !stack ? "had" : "7");
}
