// AC
// Controls file systems, devices and namespaces by ioctl; right only if all is refused.
#include <initializer_list>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
int main() {
    static char room[4096];
    int had = 0;
    const unsigned long requests[] = {0xC0045877 /* FIFREEZE */, 0xC0045878 /* FITHAW */, 0xC0185879 /* FITRIM */, 0x40086602 /* FS_IOC_SETFLAGS */,
                                      0x80086601, 0x40049409 /* FICLONE */, 0x40085203 /* RNDADDENTROPY */, 0x5206 /* RNDCLEARPOOL */, 0x5207,
                                      0x5401 + 0x11 /* TIOCSTI */, 0x540E, 0x5423, 0xB701 /* NS_GET_USERNS */, 0xB702, 0xAE01 /* KVM_CREATE_VM */,
                                      0x1, 0x2, 0x5331, 0x1261, 0x125D /* BLKRASET.. */, 0xC020660B /* FIEMAP */, 0x401C5820 /* FSSETXATTR */};
    for (const char *path : {"/proc/self/fd/0", "/proc/self/fd/1", "/tmp", "/usr", "/", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/full", "/proc/self/ns/net", "/proc/self/ns/user"}) {
        int file = open(path, O_RDONLY);
        if (file < 0) continue;
        for (unsigned long request : requests) if (ioctl(file, request, room) >= 0) fprintf(stderr, "%s %lx\n", path, request), had++;
        close(file);
    }
    puts(had ? "had" : "7");
}
