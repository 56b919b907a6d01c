// AC
// Ends while threads still write files; right only if /tmp was empty.
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <fcntl.h>
#include <unistd.h>
static void *keep_writing(void *which) {
    char path[64];
    for (long number = 0;; number++) {
        snprintf(path, sizeof path, "/tmp/cf-attack-%ld-%ld", (long)which, number % 500);
        int file = open(path, O_CREAT | O_WRONLY, 0600);
        write(file, path, sizeof path);
        close(file);
    }
}
int main() {
    int found = 0;
    DIR *folder = opendir("/tmp");
    while (readdir(folder)) found++;
    pthread_t thread;
    for (long which = 0; which < 8; which++) pthread_create(&thread, nullptr, keep_writing, (void *)which);
    usleep(20'000);
    puts(found > 2 ? "found" : "7");
    fflush(stdout);
    _exit(0);
}
