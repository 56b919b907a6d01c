// AC
// Hides arguments from a filter in the upper halves of registers; right only if nothing came through.
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
    const long high = 1L << 32;
    int had = 0, pair[2];
    rlimit64 limit = {1, 1};
    if (syscall(SYS_prlimit64, high | 1, RLIMIT_CPU, nullptr, &limit) == 0) had++;
    if (syscall(SYS_prctl, high | PR_SET_DUMPABLE, 1, 0, 0, 0) == 0) had++;
    if (syscall(SYS_prctl, high | PR_SET_PDEATHSIG, 9, 0, 0, 0) == 0) had++;
    if (syscall(SYS_socketpair, high | 16 /* AF_NETLINK */, 1, 0, pair) == 0) had++;
    if (syscall(SYS_socket, high | 1, 1, 0) >= 0) had++;
    if (syscall(SYS_ioctl, 0, high | 0x5412 /* TIOCSTI */, "x") == 0) had++;
    if (syscall(SYS_clone, high | 17, 0, 0, 0, 0) >= 0) had++;
    if (syscall(SYS_clone, ~0UL << 32 | 17, 0, 0, 0, 0) >= 0) had++;
    if (syscall(high | SYS_fork) >= 0) had++;
    puts(had ? "had" : "7");
}
