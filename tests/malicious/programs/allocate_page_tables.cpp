// AC MLE RTE
// Touches one page in every two MiB, so that the tables of pages cost more than the pages.
#include <stdio.h>
#include <sys/mman.h>
int main() {
    for (int i = 0; i < 4096; i++) {
        char *room = (char *)mmap(nullptr, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (room == (char *)MAP_FAILED) break;
        room[0] = 1;
    }
    puts("7");
}
