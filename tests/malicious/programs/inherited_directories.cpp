// AC
// Looks for an open directory that was left to it, and climbs out of its root; right only if neither works.
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
    int had = 0;
    struct stat root, there;
    stat("/", &root);
    for (int file = 3; file < 300; file++) if (fchdir(file) == 0 || openat(file, "..", O_RDONLY) >= 0) had++;
    mkdir("/tmp/cage", 0700);
    int outside = open("/tmp", O_RDONLY | O_DIRECTORY);
    if (chroot("/tmp/cage") == 0) had++;
    fchdir(outside);
    for (int i = 0; i < 100; i++) chdir("..");
    stat(".", &there);
    if (there.st_ino != root.st_ino || there.st_dev != root.st_dev) had++;
    char text[200];
    for (int i = 0; i < 66; i++) snprintf(text + 3 * i, 4, "../");
    stat(text, &there);
    if (there.st_ino != root.st_ino || there.st_dev != root.st_dev) had++;
    long how[3] = {O_PATH, 0, 0};
    if (syscall(437 /* openat2 */, AT_FDCWD, "/..", how, 24) >= 0) had++;
    puts(had ? "had" : "7");
}
