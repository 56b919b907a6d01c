// MLE TLE RTE
// Lets one mapping grow and move without end.
#define _GNU_SOURCE 1
#include <sys/mman.h>
int main() {
    unsigned long size = 1 << 20;
    char *room = (char *)mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (;;) {
        for (unsigned long i = size / 2; i < size; i += 4096) room[i] = 1;
        room = (char *)mremap(room, size, 2 * size, MREMAP_MAYMOVE);
        if (room == (char *)MAP_FAILED) return 1;
        size *= 2;
    }
}
