// WA RTE
// Exits and leaves children behind that hold both ends of the conversation.
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>
int main() {
    for (int i = 0; i < 20; i++) {
        if (fork() == 0 || syscall(SYS_vfork) == 0) for (;;) pause();
        if (syscall(SYS_clone, SIGCHLD | CLONE_FILES, 0, 0, 0, 0) == 0) for (;;) pause();
        if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0) for (;;) pause();
    }
    _exit(0);
}
