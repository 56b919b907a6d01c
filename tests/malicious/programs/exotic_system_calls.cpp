// AC
// Calls what has had holes: ptrace, bpf, io_uring, keyctl, userfaultfd, perf, modules; right only if all are refused.
#include <cerrno>
#include <cstdio>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
    static char room[4096];
    const int calls[] = {101 /* ptrace */, 103 /* syslog */, 135 /* personality */, 136, 139, 153 /* vhangup */, 154 /* modify_ldt */,
                         159 /* adjtimex */, 160 /* setrlimit */, 163 /* acct */, 172 /* iopl */, 173 /* ioperm */, 175, 176, 179 /* quotactl */,
                         206 /* io_setup */, 237 /* mbind */, 246 /* kexec */, 248, 249, 250 /* keys */, 272 /* unshare */, 278 /* vmsplice */,
                         298 /* perf */, 300 /* fanotify */, 303, 304 /* handles */, 308 /* setns */, 310, 311 /* process_vm */, 312 /* kcmp */,
                         313 /* finit_module */, 314 /* sched_setattr */, 317 /* seccomp */, 319 /* memfd_create */, 321 /* bpf */,
                         323 /* userfaultfd */, 329 /* pkey_mprotect */, 425, 426, 427 /* io_uring */, 428, 429, 430, 431, 432, 433 /* mounts */,
                         438 /* pidfd_getfd */, 440 /* process_madvise */, 442, 443, 444, 445, 446, 447 /* landlock, memfd_secret */, 448};
    int had = 0;
    for (int number : calls) {
        errno = 0;
        long result = syscall(number, 0, room, room, 0, 0, 0);
        if (result >= 0 || (errno != EPERM && errno != ENOSYS)) fprintf(stderr, "call %d: %ld, errno %d\n", number, result, errno), had++;
    }
    for (int number = 450; number < 600; number++) {
        errno = 0;
        if (syscall(number, 0, room, room, 0, 0, 0) >= 0 || (errno != EPERM && errno != ENOSYS)) fprintf(stderr, "call %d\n", number), had++;
    }
    puts(had ? "had" : "7");
}
