// AC
// Swaps files, folders and links under each other's names while it runs and ends; right only if /tmp was empty.
#define _GNU_SOURCE 1
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
static void *swap(void *name) { for (;;) renameat2(AT_FDCWD, "/tmp/program", AT_FDCWD, (char *)name, RENAME_EXCHANGE); }
int main() {
    int found = 0;
    DIR *folder = opendir("/tmp");
    while (readdir(folder)) found++;
    close(open("/tmp/program", O_CREAT | O_WRONLY, 0600));
    mkdir("/tmp/feedback", 0700);
    symlink("/etc/passwd", "/tmp/link");
    pthread_t threads[2];
    pthread_create(&threads[0], nullptr, swap, (void *)"/tmp/feedback");
    pthread_create(&threads[1], nullptr, swap, (void *)"/tmp/link");
    while (clock() < CLOCKS_PER_SEC / 20) {}
    puts(found > 2 ? "found" : "7");
    fflush(stdout);
    _exit(0);
}
