// AC RTE MLE
// Cuts its memory into as many regions as there may be, so that the next allocation fails.
#include <stdio.h>
#include <sys/mman.h>
int main() {
    const long pages = 70'000;
    char *room = (char *)mmap(nullptr, pages * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long page = 0; page < pages; page += 2) if (mprotect(room + page * 4096, 4096, PROT_NONE)) break;
    puts("7");
}
