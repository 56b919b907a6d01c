// AC
// Reads and writes the memory of other processes and takes their open files; right only if all is refused.
#include <initializer_list>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
int main() {
    static char room[4096];
    char path[64];
    int had = 0, own = getpid(), shown_as = 0;  // in /proc, which is that of another namespace
    if (readlink("/proc/self", path, sizeof path) > 0) sscanf(path, "%d", &shown_as);
    for (int pid = 1; pid < 400; pid++) {
        if (pid == own) continue;
        iovec here = {room, sizeof room}, there = {(void *)0x400000, sizeof room};
        if (process_vm_readv(pid, &here, 1, &there, 1, 0) > 0 || process_vm_writev(pid, &here, 1, &there, 1, 0) > 0) had++;
        if (syscall(312 /* kcmp */, own, pid, 0, 0, 0) >= 0) had++;
        int handle = syscall(434 /* pidfd_open */, pid, 0);
        for (int file = 0; file < 20; file++) if (syscall(438 /* pidfd_getfd */, handle, file, 0) >= 0) had++;
        for (const char *name : {"mem", "maps", "environ", "fd/3", "stack", "syscall", "auxv", "io"}) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
            if (pid != shown_as && open(path, O_RDONLY) >= 0) had++;
        }
    }
    puts(had ? "had" : "7");
}
