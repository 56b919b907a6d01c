// OLE RTE WA
// Lets its output grow by calls that are no writes, at enormous offsets.
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>
int main() {
    signal(SIGXFSZ, SIG_IGN);
    static char block[1 << 16];
    int zero = open("/dev/zero", O_RDONLY), file = open("/tmp/cf-attack-source", O_RDWR | O_CREAT, 0600);
    write(file, block, sizeof block);
    long offset = 1L << 40;
    iovec parts[2] = {{block, sizeof block}, {block, sizeof block}};
    fallocate(1, 0, 0, 1L << 40);
    fallocate(1, FALLOC_FL_KEEP_SIZE, 1L << 30, 1L << 34);
    posix_fallocate(1, 0, 1L << 40);
    pwritev(1, parts, 2, 1L << 50);
    sendfile(1, zero, nullptr, 1L << 40);
    copy_file_range(file, nullptr, 1, &offset, sizeof block, 0);
    splice(zero, nullptr, 1, nullptr, 1 << 30, 0);
    pwrite(1, "7", 1, (1L << 62));
    ftruncate(1, 1L << 45);
    while (writev(1, parts, 2) > 0) {}
}
